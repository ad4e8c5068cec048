"""How many examples a law is tried on: fewer in `make check`."""

from __future__ import annotations

from hypothesis import settings

USUAL = 100  # of a law that does not say
FEW = 20  # of so many

# No test is timed: the machines that run them are shared. The same examples everywhere.
settings.register_profile("all", deadline=None, derandomize=True, max_examples=USUAL)
settings.register_profile("few", settings.get_profile("all"), max_examples=FEW)


def examples(count: int) -> int:
    """Return how many examples a law gets that wants so many: all of them, or as small a part as the others get."""
    return max(1, count * settings().max_examples // USUAL)
