"""Files as they come from other programs and other people: line ends, marks, emoji, other scripts, a megabyte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqlang.cli.main import main
from seqlang.compiler import compile_project
from seqlang.diagnostics.source import Source
from seqlang.semantics.project import ModuleText
from seqlang.syntax.parse import parse
from seqlang.syntax.printer import format_source
from seqlang.syntax.text import read_source
from tests.semantics.damages import projects
from tests.semantics.reading import FIELDS, check, classic, project

LINES = ["\n", "\r\n", "\r"]
MARKS = [b"", b"\xef\xbb\xbf"]
TEXTS = ["😀", "👩‍👩‍👧", "שלום", "مرحبا بالعالم", "名前", "ñandú", "Straße", "İstanbul", "a\u0301", "\u202eabc", "ﬁ", "ⅻ", "𝔘𝔫𝔦"]


def found(raw: bytes) -> list[tuple[str, tuple[int, int]]]:
    """Return the codes and places of what is wrong with a file."""
    source, unreadable = read_source("a.seq", raw)
    assert unreadable == ()
    parsed = parse(source)
    text = project("")
    checked = compile_project(type(text)((ModuleText(source, parsed.module, parsed.diagnostics),), text.words, text.settings))
    return [(d.code, d.source.position(d.span.start)) for d in checked.diagnostics]


@pytest.mark.parametrize("mark", MARKS, ids=["plain", "marked"])
@pytest.mark.parametrize("end", LINES, ids=["unix", "windows", "mac"])
def test_line_ends_and_a_byte_order_mark_change_no_place(end: str, mark: bytes) -> None:
    text = 'record contact { score number }\nview "é 😀" of contact where scor > 3d\n\n\nlist "L" of contcat\n'
    places = found(mark + text.replace("\n", end).encode())
    assert places == found(text.encode())
    assert {line for _, (line, _) in places} == {2, 5}


@pytest.mark.parametrize("text", TEXTS)
def test_any_script_stands_in_names_and_texts(text: str) -> None:
    body = f'view "{text}" of contact where `{text}` = "{text}" and title contains "{text}"'
    fields = f"record contact {{ `{text}` text }}\n"
    checked = check(FIELDS + fields + body + classic(head=f'audience {{ view "{text}" }}'))
    assert [d.message for d in checked.diagnostics] == []
    assert checked.plan is not None


@pytest.mark.parametrize("text", TEXTS)
def test_columns_count_characters_behind_any_script(text: str) -> None:
    line = f'view "{text}" of contact where scoer > 3'
    (place,) = (p for code, p in found(f"{FIELDS}{line}\n".encode()) if code == "SEQ211")
    assert place == (FIELDS.count("\n") + 1, line.index("scoer") + 1)


@pytest.mark.parametrize("text", TEXTS)
def test_the_formatter_keeps_any_script(text: str) -> None:
    written = f'view "{text}" of contact where `{text}` = "{text}" # {text}\n'
    once = format_source(Source("a.seq", written)).text
    assert once.count(text) == 4
    assert format_source(Source("a.seq", once)).text == once


@pytest.mark.parametrize("word", ["größe", "名前", "имя"])
def test_a_name_of_letters_needs_no_backticks(word: str) -> None:
    checked = check(
        f'record contact {{ {word} number }}\nview "V" of contact where {word} > 3' + classic(head='audience { view "V" }')
    )
    assert [d.message for d in checked.diagnostics] == []


@pytest.mark.slow
def test_a_file_of_a_megabyte_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = next(iter(projects().values())).modules[0].source.text
    assert one
    flow = classic("step b: call on day 3 when score > 5 { }").replace('"S"', '"S{}"')
    text = FIELDS + "".join(flow.replace("{}", str(n)) for n in range(1_000_000 // len(flow) + 1))
    (tmp_path / "a.seq").write_text(text, "utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/hello.html").write_text("Hi", "utf-8")
    assert main(["check", "--format", "json", "--no-cache", "--project", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["errors"] == 0
