"""Bytes to a source."""

from __future__ import annotations

from seqlang.limits import SOURCE_BYTES_MAX
from seqlang.syntax.parse import parse
from seqlang.syntax.text import read_source


def test_a_byte_order_mark_and_line_ends_of_windows_are_taken_away() -> None:
    source, found = read_source("a.seq", b"\xef\xbb\xbflet a = 1\r\nlet b = 2\rlet c = 3\n")
    assert found == ()
    assert source.text == "let a = 1\nlet b = 2\nlet c = 3\n"


def test_a_file_that_is_not_utf_8_is_told_with_its_place() -> None:
    source, (found,) = read_source("a.seq", b"let a = 1\r\nlet \xe4 = 2\n")
    assert found.code == "SEQ117"
    assert found.source.position(found.span.start) == (2, 5)
    assert parse(source).diagnostics == ()


def test_a_file_that_is_too_large_is_not_read() -> None:
    _, (found,) = read_source("a.seq", b" " * (SOURCE_BYTES_MAX + 1))
    assert found.code == "SEQ118"


def test_an_empty_file_is_an_empty_module() -> None:
    source, found = read_source("a.seq", b"")
    assert found == ()
    assert parse(source).module.declarations == ()
