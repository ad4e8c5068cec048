"""One damage to an example, and one diagnostic at its place."""

from __future__ import annotations

import pytest

from tests.semantics.damages import campaign

AVERAGE_MAX = 1.2


@pytest.mark.parametrize("count", [60, pytest.param(300, marks=pytest.mark.slow)])
def test_a_damage_is_told_on_its_line_or_the_next(count: int) -> None:
    away = [d for d in campaign(count) if not any(line in (d.line, d.line + 1) for line, _ in d.told)]
    assert away == []


@pytest.mark.parametrize("count", [60, pytest.param(300, marks=pytest.mark.slow)])
def test_a_damage_brings_hardly_more_than_one_diagnostic(count: int) -> None:
    damages = campaign(count)
    assert sum(len(d.told) for d in damages) / len(damages) < AVERAGE_MAX, [d for d in damages if len(d.told) > 1]
