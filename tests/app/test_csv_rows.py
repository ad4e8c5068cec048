"""Rows of CSV files: a broken row is a mistake of that row alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.app.csv_rows import open_sheet, rows
from seqlang.errors import UsageError


def sheet_of(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "some.csv"
    path.write_bytes(content)
    return path


def test_plain_rows_come_with_their_lines(tmp_path: Path) -> None:
    sheet = open_sheet(sheet_of(tmp_path, b"email,name\r\na@x.example, Ann \r\n\r\nb@x.example,\r\n"))
    found = list(rows(sheet))
    assert [(r.line, r.cells) for r in found] == [
        (2, {"email": "a@x.example", "name": "Ann"}),
        (4, {"email": "b@x.example", "name": ""}),
    ]


def test_a_cell_with_line_ends_is_one_row(tmp_path: Path) -> None:
    sheet = open_sheet(sheet_of(tmp_path, b'email,note\na@x.example,"one\ntwo, ""three"""\nb@x.example,x\n'))
    found = list(rows(sheet))
    assert [r.line for r in found] == [2, 4]
    assert found[0].cells["note"] == 'one\ntwo, "three"'


def test_an_open_quote_breaks_its_own_row_only(tmp_path: Path) -> None:
    sheet = open_sheet(sheet_of(tmp_path, b'email,note\na@x.example,"open\nb@x.example,fine\nc@x.example,"also fine"\n'))
    found = list(rows(sheet))
    assert [(r.line, r.broken is None) for r in found] == [(2, False), (3, True), (4, True)]


def test_rows_of_another_width_are_broken(tmp_path: Path) -> None:
    sheet = open_sheet(sheet_of(tmp_path, b"email,name,score\na@x.example,Ann\nb@x.example,Bo,1,2\nc@x.example,Cy,3\n"))
    found = list(rows(sheet))
    assert [(r.line, r.broken) for r in found] == [
        (2, "2 cells, but there are 3 columns"),
        (3, "4 cells, but there are 3 columns"),
        (4, None),
    ]


def test_semicolons_and_a_byte_order_mark_are_understood(tmp_path: Path) -> None:
    sheet = open_sheet(sheet_of(tmp_path, "\ufeffemail;name\na@x.example;Zoë, B.\n".encode()))
    assert [r.cells for r in rows(sheet)] == [{"email": "a@x.example", "name": "Zoë, B."}]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_unicode_text_of_a_spreadsheet_is_understood(tmp_path: Path, order: str) -> None:
    sheet = open_sheet(sheet_of(tmp_path, "\ufeffemail\tname\r\na@x.example\tZoë\r\n".encode(order)))
    assert [r.cells for r in rows(sheet)] == [{"email": "a@x.example", "name": "Zoë"}]


def test_only_line_ends_end_a_row(tmp_path: Path) -> None:
    sheet = open_sheet(sheet_of(tmp_path, "email,name\na@x.example,one\u2028two\x0c\x85three\nb@x.example,Bo\r\n".encode()))
    assert [(r.line, r.cells.get("name")) for r in rows(sheet)] == [(2, "one\u2028two\x0c\x85three"), (3, "Bo")]


def test_a_row_that_is_not_utf8_is_broken_alone(tmp_path: Path) -> None:
    sheet = open_sheet(sheet_of(tmp_path, b"email,name\na@x.example,Zo\xeb\nb@x.example,Bo\n"))
    assert [(r.line, r.broken) for r in rows(sheet)] == [(2, "it is not UTF-8 text"), (3, None)]


@pytest.mark.parametrize(("content", "said"), [(b"", "empty"), (b"\n\n", "empty"), (b"a,a\n", "twice")])
def test_a_file_without_a_head_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        open_sheet(sheet_of(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        open_sheet(tmp_path / "none.csv")
