"""CSV files that somebody is still writing: what may not be whole yet waits, and comes in the end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from seqlang_csv import reading

from seqlang.sdk import SourceSettings


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose machine has a clock by hand: it says second 1000."""
    monkeypatch.setattr(reading, "_now_ns", lambda: 1000 * 10**9)
    return tmp_path / "leads.csv"


def write(file: Path, text: bytes, *, at: float = 1000) -> None:
    file.write_bytes(text)
    os.utime(file, (at, at))


def read(file: Path, mark: str | None = None) -> tuple[list[str], str | None]:
    """Return the names that come, and the last mark."""
    names: list[str] = []
    for batch in reading.CsvFiles(SourceSettings("csv", "leads", {"file": file.name}, folder=file.parent)).read(mark):
        assert batch.broken is None
        names += [row.broken or row.cells["name"] for row in batch.rows]
        mark = batch.mark
    return names, mark


def test_half_a_line_waits_for_its_end(file: Path) -> None:
    write(file, b"name,email\nKim,kim@x.example\nPia,pia@acme.exa")
    names, mark = read(file)
    assert names == ["Kim"]
    assert read(file, mark)[0] == []
    write(file, b"name,email\nKim,kim@x.example\nPia,pia@acme.example\n", at=1001)
    assert read(file, mark)[0] == ["Pia"]


@pytest.mark.parametrize("tail", [b"Pia", b'"Pia', b'"Pi\na', b'"Pi\na"', b"Pia\nLou"])
def test_whatever_is_not_ended_waits(file: Path, tail: bytes) -> None:
    write(file, b"name\nKim\n" + tail)
    names, mark = read(file)
    assert names[:1] == ["Kim"]
    assert len(names) == 1 + (tail == b"Pia\nLou")
    write(file, b"name\nKim\n" + tail, at=980)
    assert len(read(file, mark)[0]) == 1 + (tail == b'"Pi\na'), "it has rested: what stands there is all that comes"


def test_cell_with_line_ends_that_is_half_written_comes_whole(file: Path) -> None:
    write(file, b'name\nKim\n"Pia\n')
    names, mark = read(file)
    assert names == ["Kim"]
    write(file, b'name\nKim\n"Pia\nLi"\n')
    assert read(file, mark)[0] == ["Pia\nLi"]


def test_file_without_a_last_line_end_is_read_whole_when_it_has_rested(file: Path) -> None:
    write(file, b"name\nKim\nPia", at=980)
    assert read(file)[0] == ["Kim", "Pia"]


def test_half_of_the_first_line_waits(file: Path) -> None:
    write(file, b"name,ema")
    assert read(file) == ([], None)


def test_file_from_another_clock_is_read_when_it_stays_as_it_is(file: Path) -> None:
    write(file, b"name\nKim\nPia", at=5000)
    names, mark = read(file)
    assert names == ["Kim"]
    assert read(file, mark)[0] == ["Pia"]


def test_rested_line_that_goes_on_after_all_is_read_again_when_it_ends(file: Path) -> None:
    write(file, b"name\nKim\nPi", at=980)
    names, mark = read(file)
    assert names == ["Kim", "Pi"]
    write(file, b"name\nKim\nPia", at=1000)
    names, mark = read(file, mark)
    assert names == []
    assert mark is not None
    assert json.loads(mark)["leads.csv"]["read"] == len(b"name\nKim\nPi")
    write(file, b"name\nKim\nPia\n", at=1000)
    assert read(file, mark)[0] == ["Pia"]
