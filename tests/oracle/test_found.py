"""Every difference between oracle and engine that was ever found, made small: it must not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.oracle.comparing import difference, laid_out, oracle
from tests.oracle.strategies import Made

FOUND = sorted((Path(__file__).parent / "found").glob("*.txt"))


def read(path: Path) -> Made:
    """Read a case: `seqlang.toml`, then sections as in the scenarios, then the span."""
    toml, _, rest = path.read_text("utf-8").partition("\n== flow.seq\n")
    parts = re.split(r"\n?== (\w+)(?:\.csv)?\n", rest)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    since, until = sections.pop("span").split()
    return Made(toml + "\n", parts[0] + "\n", tuple(sections.items()), since, until)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_difference_that_was_found_stays_away(path: Path) -> None:
    made = read(path)
    with laid_out(made) as folder:
        assert oracle(folder, made), "the case tells nothing"
    assert difference(made) == "", path.read_text("utf-8").partition("\n")[0]
