"""Every difference between oracle and engine that was ever found, made small: it must not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.oracle.comparing import difference, laid_out, oracle
from tests.oracle.strategies import Made

APART = ("span", "ticks", "lag", "deeds")
FOUND = sorted((Path(__file__).parent / "found").glob("*.txt"))


def read(path: Path) -> Made:
    """Read a case: `seqlang.toml`, then sections as in the scenarios, edits and ticks, then the span."""
    toml, _, rest = path.read_text("utf-8").partition("\n== flow.seq\n")
    parts = re.split(r"\n?== (\w+)(?:\.csv)?\n", rest)
    sections = list(zip(parts[1::2], parts[2::2], strict=True))
    apart = {name: text for name, text in sections if name in APART}
    edits = tuple((text.partition("\n")[0], text.partition("\n")[2] + "\n") for name, text in sections if name == "edit")
    files = tuple((name, text) for name, text in sections if name not in {*APART, "edit"})
    since, until = apart["span"].split()
    ticks, lag = apart.get("ticks", ""), int(apart.get("lag", "0"))
    return Made(toml + "\n", parts[0] + "\n", files, since, until, ticks, lag, edits, apart.get("deeds", ""))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_difference_that_was_found_stays_away(path: Path) -> None:
    made = read(path)
    if not made.ticks:
        with laid_out(made) as folder:
            assert oracle(folder, made), "the case tells nothing"
    assert difference(made) == "", path.read_text("utf-8").partition("\n")[0]
