"""The same made-up project on the oracle and on the real engine; what they tell differently, as text."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

from hypothesis import assume

from seqlang.cli.main import main
from tests.oracle.living import both
from tests.oracle.projects import BadProjectError, read
from tests.oracle.strategies import Made
from tests.oracle.world import OpenQuestionError

Row = dict[str, Any]
Teller = Callable[[Path, Made], list[Row]]


@contextlib.contextmanager
def laid_out(made: Made) -> Iterator[Path]:
    """Write a made-up project into a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="oracle-") as name:
        folder = Path(name)
        (folder / "seqlang.toml").write_text(made.toml, "utf-8")
        (folder / "flow.seq").write_text(made.seq, "utf-8")
        for file, text in made.files:
            (folder / f"{file}.csv").write_text(text, "utf-8")
        yield folder


def oracle(folder: Path, made: Made) -> list[Row]:
    """Return the oracle's timeline."""
    return read(folder, {name: folder / f"{name}.csv" for name, _ in made.files}, made.since, made.until).timeline()


def simulated(folder: Path, made: Made) -> list[Row]:
    """Return the timeline of `seqlang simulate`."""
    arguments = ["simulate", "--project", str(folder), "--from", made.since, "--until", made.until, "--format", "json"]
    for name, _ in made.files:
        arguments += [f"--{name}", str(folder / f"{name}.csv")]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    assert code == 0, f"simulate ended with {code}: {err.getvalue()}\n{made!r}"
    return [json.loads(line) for line in out.getvalue().splitlines()]


def in_order(rows: list[Row]) -> list[Row]:
    """Return the rows by time, sequence, contact; what happened to one contact at one instant keeps its order."""
    return sorted(rows, key=lambda row: (datetime.fromisoformat(row["at"]), row["sequence"], row["contact"] or "", row["record"]))


def shown(row: Row) -> str:
    """Return a row for people."""
    parts = [row["at"], row["sequence"], row["contact"] or row["record"], row["what"], row["step"] or "-", row["channel"] or "-"]
    return " ".join([*parts, f": {row['why']}" if row["why"] else ""]).rstrip()


def difference(made: Made, teller: Teller = simulated) -> str:
    """Return what the engine tells differently from the oracle ("-" the oracle's, "+" the engine's); empty where nothing.

    A project with ticks of its own is played on the store that a simulation would have; `teller` is for those without.
    """
    with laid_out(made) as folder:
        try:
            expected, told = both(folder, made) if made.ticks else (oracle(folder, made), teller(folder, made))
        except (BadProjectError, OpenQuestionError) as bad:
            # What is made up at random may be refused by the checker, or ask what the language leaves open: nothing to compare.
            assume(str(type(bad)) == "")
            raise
    lines = unified_diff(
        [shown(row) for row in in_order(expected)], [shown(row) for row in in_order(told)], "oracle", "engine", "", "", 100, ""
    )
    return "\n".join(lines)
