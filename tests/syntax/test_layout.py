"""The canonical layout, case by case."""

from __future__ import annotations

import pytest

from seqlang.diagnostics.source import Source
from seqlang.syntax.layout import WIDTH
from seqlang.syntax.printer import format_source
from tests.syntax.reading import laid_out

CASES: tuple[tuple[str, str, str], ...] = (
    ("an empty file", "\n\n", ""),
    ("a file of comments", "\n# a\n\n\n#b  \n", "# a\n\n#b\n"),
    ("gaps", "let   x=3\nlet y  =  [1 ,2,]", "let x = 3\nlet y = [1, 2]\n"),
    ("empty lines", "\nlet a = 1\n\n\n\nlet b = 2\nlet c = 3\n\n", "let a = 1\n\nlet b = 2\nlet c = 3\n"),
    ("semicolons", "let a = 1; let b = 2;", "let a = 1\nlet b = 2\n"),
    ("indentation", 'cadence "c" {\nowner "x"\n      exclusive\n}', 'cadence "c" {\n  owner "x"\n  exclusive\n}\n'),
    (
        "empty lines in a block",
        'cadence "c" {\n\n  owner "x"\n\n\n  exclusive\n\n}',
        'cadence "c" {\n  owner "x"\n\n  exclusive\n}\n',
    ),
    ("a block on one line", "record  deal{a text,b number}", "record deal { a text, b number }\n"),
    ("options on one line", 'cadence "c" {\nstep a:b{x:1,y:2}\n}', 'cadence "c" {\n  step a: b { x: 1, y: 2 }\n}\n'),
    (
        "options on several lines",
        'cadence "c" {\nstep a:b{x:1,\ny:2, z:3,}\n}',
        'cadence "c" {\n  step a: b {\n    x: 1\n    y: 2\n    z: 3\n  }\n}\n',
    ),
    ("no options", 'cadence "c" {\nstep a:b\nstep d:e{\n}\n}', 'cadence "c" {\n  step a: b\n  step d: e {}\n}\n'),
    (
        "statements on one line",
        'journey "j" {\nexit when a{tag "x";exit}\n}',
        'journey "j" {\n  exit when a { tag "x"; exit }\n}\n',
    ),
    (
        "a line that goes on",
        'journey "j" {\nstep a: b\nwhen c\nand d { x: 1 }\n}',
        'journey "j" {\n  step a: b\n    when c\n    and d { x: 1 }\n}\n',
    ),
    (
        "else",
        'journey "j" {\nif a{exit}\nelse{exit}\nif a {\nexit\n}\nelse if b {\n}\nelse {\nexit }\n}',
        'journey "j" {\n  if a { exit } else { exit }\n  if a {\n    exit\n  } else if b {} else {\n    exit\n  }\n}\n',
    ),
    (
        "calls and brackets",
        'view "v" of c where not(a and opened( x )or(count( event "e" )>2))',
        'view "v" of c where not (a and opened(x) or (count(event "e") > 2))\n',
    ),
    (
        "days and times",
        'calendar "c" {\nopen mon - fri 09:00 - 17:00 , sat 09:00-12:00\n}',
        'calendar "c" {\n  open mon-fri 09:00-17:00, sat 09:00-12:00\n}\n',
    ),
    (
        "shares",
        'journey "j" {\nsplit "s" {\n60 %   "x" { exit }\n40% holdout\n}\n}',
        'journey "j" {\n  split "s" {\n    60% "x" { exit }\n    40% holdout\n  }\n}\n',
    ),
    ("a comment behind a statement", "let a = 1# x\nlet b = 2    # y", "let a = 1  # x\nlet b = 2  # y\n"),
    (
        "comments in a block",
        'cadence "c" {  # 1\n# 2\n\n# 3\nowner "x" # 4\n# 5\n}  # 6\n# 7',
        'cadence "c" {  # 1\n  # 2\n\n  # 3\n  owner "x"  # 4\n  # 5\n}  # 6\n# 7\n',
    ),
    ("a comment in an empty block", 'cadence "c" {\n# nothing yet\n}', 'cadence "c" {\n  # nothing yet\n}\n'),
    (
        "a comment behind an option's comma",
        'cadence "c" {\nstep a: b { x: 1, # one\ny: 2 # two\n}\n}',
        'cadence "c" {\n  step a: b {\n    x: 1  # one\n    y: 2  # two\n  }\n}\n',
    ),
    (
        "comments inside a condition",
        'view "v" of c where a # 1\n# 2\nor b # 3',
        'view "v" of c where a  # 1\n  # 2\n  or b  # 3\n',
    ),
    (
        "comments before else",
        'journey "j" {\nif a { exit } # 1\n# 2\nelse { exit }\n}',
        'journey "j" {\n  if a { exit }  # 1\n    # 2\n    else { exit }\n}\n',
    ),
    ("comments in a list", "let a = [ # 1\n1, # 2\n# 3\n2 # 4\n]", "let a = [  # 1\n  1,  # 2\n  # 3\n  2  # 4\n]\n"),
    (
        "a long text",
        'cadence "c" {\nstep a: b { x: """\n  one\n    two\n\n  three\n""" }\n}',
        'cadence "c" {\n  step a: b {\n    x: """\n      one\n        two\n\n      three\n    """\n  }\n}\n',
    ),
    ("a long text that begins on its first line", 'let a = """one\n   two"""', 'let a = """\n  one\n  two\n"""\n'),
    ("a long text that begins with a space", 'let a = """  one\n"""', 'let a = """\n  \\u{20} one\n"""\n'),
    ("a long text without words", 'let a = """\n\n  \n"""', 'let a = """\n\n  \n"""\n'),
    ("tabs", 'cadence "c" {\n\towner\t"x"\n}', 'cadence "c" {\n  owner "x"\n}\n'),
    (
        "literals stay as they are written",
        'let a = "\\u{1F600}\\t"\nlet b = 1_000.50\nlet `c` = 2',
        'let a = "\\u{1F600}\\t"\nlet b = 1_000.50\nlet `c` = 2\n',
    ),
)


@pytest.mark.parametrize(("written", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_text_is_laid_out_in_the_one_way(written: str, expected: str) -> None:
    assert laid_out(written) == expected


def test_a_list_that_is_too_long_stands_on_several_lines() -> None:
    names = [f'"country number {n}"' for n in range(9)]
    assert (
        laid_out(f"let a = [{', '.join(names)}]") == "let a = [\n" + "".join(f"  {n},\n" for n in names).rstrip(",\n") + "\n]\n"
    )


def test_a_short_list_on_several_lines_is_drawn_together() -> None:
    assert laid_out("let a = [\n1,\n2\n]") == "let a = [1, 2]\n"


def test_options_that_do_not_fit_stand_on_several_lines() -> None:
    text = laid_out(f'cadence "c" {{\n  step a: b {{ x: "{"y" * 60}", z: "{"y" * 50}" }}\n}}')
    assert text == f'cadence "c" {{\n  step a: b {{\n    x: "{"y" * 60}"\n    z: "{"y" * 50}"\n  }}\n}}\n'


def test_a_condition_that_is_too_long_is_broken_before_or() -> None:
    parts = [f'field_{n} = "a rather long value of a field" and b' for n in range(4)]
    text = laid_out(f'journey "j" {{\n  enter when {" or ".join(parts)}\n}}')
    assert text == f'journey "j" {{\n  enter when {parts[0]}\n' + "".join(f"    or {part}\n" for part in parts[1:]) + "}\n"


def test_conditions_in_brackets_that_are_too_long_are_broken_inside() -> None:
    parts = [f'field_{n} = "a rather long value of a field"' for n in range(4)]
    text = laid_out(f'view "v" of c where ({" or ".join(parts)}) and z')
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert "\n    or field_1" in text


def test_exits_that_are_too_long_are_broken_behind_commas() -> None:
    parts = [f'field_{n} = "a rather long value of a field"' for n in range(4)]
    text = laid_out(f'journey "j" {{\n  exit when {", ".join(parts)} {{ exit }}\n}}')
    assert text.splitlines()[1:3] == [f"  exit when {parts[0]},", f"    {parts[1]},"]


def test_a_file_with_mistakes_is_left_as_it_is() -> None:
    result = format_source(Source("a.seq", "let  a = \n"))
    assert not result.changed
    assert result.text == "let  a = \n"
    assert [d.code for d in result.diagnostics] == ["SEQ121"]


def test_a_file_in_its_canonical_layout_is_not_changed() -> None:
    assert not format_source(Source("a.seq", "let a = 1\n")).changed
