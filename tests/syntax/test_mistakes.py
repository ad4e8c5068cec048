"""Mistakes: each at its place, once, in plain words, and mended where it is clear what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.source import Source
from seqlang.kept import FOLDER_VARIABLE
from seqlang.limits import DIAGNOSTICS_PER_FILE_MAX, NESTING_MAX
from seqlang.syntax import tree, wording
from seqlang.syntax.mistakes import MISTAKES
from seqlang.syntax.parse import parse, parse_condition
from tests.syntax.reading import mended, only, places, read, read_well

FOLDER = Path(__file__).parent / "mistakes"
PROGRAMS = sorted(FOLDER.glob("*.seq"))


def report(file: Path) -> str:
    """Return what is said of a file, and what the fixes would write, as the golden files have it."""
    source = Source(file.name, file.read_text("utf-8"))
    out: list[str] = []
    for found in parse(source).diagnostics:
        line, column = source.position(found.span.start)
        end_line, end_column = source.position(found.span.end)
        out.append(f"{line}:{column}-{end_line}:{end_column} {found.code} {found.message}")
        if found.hint:
            out.append(f"    hint: {found.hint}")
        if found.fix:
            out.append(f"    fix{' (safe)' if found.fix.safe else ''}: {found.fix.title}")
    return "\n".join(out) + "\n"


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda p: p.stem)
def test_a_program_with_mistakes_is_told_what_the_golden_file_says(file: Path, *, golden_update: bool) -> None:
    golden = file.with_suffix(".txt")
    said = report(file)
    if golden_update:
        golden.write_text(said, "utf-8")
    assert golden.is_file(), f"{golden.name} is missing: run with --golden-update"
    assert said == golden.read_text("utf-8")


def test_every_golden_file_has_its_program() -> None:
    assert {f.stem for f in FOLDER.glob("*.txt")} == {f.stem for f in PROGRAMS}


def test_every_message_is_one_sentence_in_lower_case_without_a_full_stop() -> None:
    for file in PROGRAMS:
        for found in parse(Source(file.name, file.read_text("utf-8"))).diagnostics:
            for sentence in filter(None, (found.message, found.hint)):
                assert not sentence.endswith("."), sentence
                assert sentence[0] == "`" or sentence[0].islower(), sentence
                assert "Token" not in sentence
                assert "NAME" not in sentence.replace("step NAME", ""), sentence
            assert found.code in CATALOGUE


def test_where_samples_fail_is_found_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    found = wording._by_example.__wrapped__()
    assert set(found) == set(wording._places())
    monkeypatch.setattr(wording, "_places", dict)  # nothing is found any more
    assert wording._by_example.__wrapped__() == found


SLIPS: tuple[tuple[str, str, str], ...] = (
    ("curly quotes", "SEQ107", "let a = “x”"),
    ("single quotes", "SEQ107", "let a = 'x'"),
    ("quotes of which one is curly", "SEQ107", 'let a = "x”'),
    ("two equals signs", "SEQ108", 'view "v" of c where a == 1'),
    ("an equals sign too late", "SEQ108", 'view "v" of c where a => 1'),
    ("a sign in two parts", "SEQ108", 'view "v" of c where a > = 1'),
    ("an option that begins a line with a joining word", "SEQ101", 'journey "j" {\n  step a: b {\n    x: 1\n    when: 2\n  }\n}'),
    ("a field that begins a line with a joining word", "SEQ101", "record contact {\n  a text\n  or text\n}"),
    ("unequal as in SQL", "SEQ108", 'view "v" of c where a <> 1'),
    ("two ampersands", "SEQ108", 'view "v" of c where a && b'),
    ("two bars", "SEQ108", 'view "v" of c where a || b'),
    ("an exclamation mark", "SEQ108", 'view "v" of c where !replied'),
    ("a unit that touches", "SEQ109", "let a = 3d"),
    ("a unit with a typing error", "SEQ102", "let a = 3 dayz"),
    ("a missing unit", "SEQ109", 'journey "j" { wait 3 }'),
    ("another unit", "SEQ109", 'journey "j" { wait 3 months }'),
    ("a missing percent sign", "SEQ110", 'journey "j" { split "s" { 50 "a" { } } }'),
    ("an equals sign in options", "SEQ111", 'journey "j" { step a: b { x = 1 } }'),
    ("a colon in a comparison", "SEQ111", 'view "v" of c where a: 1'),
    ("a colon in a let", "SEQ111", "let a: 1"),
    ("upper case", "SEQ116", 'view "v" of c where a AND b'),
    ("a space that is none", "SEQ119", "let a =\u00a01"),
    ("a byte order mark inside", "SEQ119", "let a = \ufeff1"),
    ("a dash", "SEQ108", 'calendar "c" { open mon–fri 09:00-17:00 }'),
    ("a typographic minus", "SEQ108", "let a = −5"),
    ("a comment of another language", "SEQ127", "let a = 1 // one"),
    ("a time with one digit", "SEQ125", "let a = 9:30"),
    ("a time with seconds", "SEQ125", "let a = 09:30:00"),
    ("a time of the afternoon", "SEQ125", "let a = 3:15 pm"),
    ("a date with points", "SEQ125", "let a = 2.3.2026"),
    ("a date with single digits", "SEQ125", "let a = 2026-3-2"),
    ("an instant with a space", "SEQ125", "let a = 2026-03-02 09:30"),
    ("a truth of another language", "SEQ126", "let a = true"),
    ("a word with a typing error", "SEQ102", "recrod contact { }"),
    ("a joining word with a typing error", "SEQ102", 'view "v" of c where a adn b'),
    ("a word of another language", "SEQ102", 'journey "j" { if a { } elif b { } }'),
    ("a name in quotes", "SEQ120", 'view "v" of c where opened("hello")'),
    ("a text without quotes", "SEQ120", "view Fresh leads of contact where a"),
    ("an option's name in quotes", "SEQ120", 'journey "j" { step a: b { "Lead Source": 1 } }'),
    ("a missing colon", "SEQ121", 'journey "j" { step a b { } }'),
    ("a missing comma", "SEQ121", 'journey "j" { step a: b { x: 1 y: 2 } }'),
    ("a missing word", "SEQ121", 'list "l" contact'),
    ("two statements on a line", "SEQ123", 'journey "j" { tag "a" exit }'),
    ("and at the end of a line", "SEQ124", 'view "v" of c where a and\n  b'),
    ("a comma at the end of a line", "SEQ124", 'journey "j" {\n  exit when replied,\n  exit when a\n}'),
    ("a missing bracket", "SEQ112", 'view "v" of c where (a'),
    ("a bracket too many", "SEQ113", 'view "v" of c where a)'),
    ("a bracket of the wrong kind", "SEQ113", "let a = [1, 2)"),
    ("a brace that is missing", "SEQ112", 'journey "j" {\n  if a {\n    exit\n  exit\n}'),
    ("a block that is not opened", "SEQ114", 'journey "j" {\n  if a\n    exit\n  }\n}'),
    ("a word that stands twice", "SEQ101", 'cadence "c" { run daily at at 09:00 }'),
)


@pytest.mark.parametrize(("code", "text"), [slip[1:] for slip in SLIPS], ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_reported_once_and_reading_goes_on(code: str, text: str) -> None:
    found = only(f"{text}\nlet end = 1")
    assert found.code == code
    assert found.severity == "error"
    last = read(f"{text}\nlet end = 1").module.declarations[-1]
    assert last == tree.Let(tree.Name("end"), tree.Number(1))


WITHOUT_FIX = {"another unit"}


@pytest.mark.parametrize(
    "text",
    [slip[2] for slip in SLIPS if slip[0] not in WITHOUT_FIX],
    ids=[slip[0] for slip in SLIPS if slip[0] not in WITHOUT_FIX],
)
def test_the_fix_of_a_slip_makes_the_file_right(text: str) -> None:
    read_well(mended(text))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('view "v" of c where a == 1 && !b || c <> 2', 'view "v" of c where a = 1 and not b or c != 2'),
        ("let a = 3d", "let a = 3 days"),
        ("let a = 1h", "let a = 1 hour"),
        ("let a = 2wd", "let a = 2 working days"),
        ('let a = “say "hi"”', r'let a = "say \"hi\""'),
        ("let a = 2.3.2026", "let a = 2026-03-02"),
        ("let a = 12am", "let a = 00:00"),
        ("let a = 2026-03-02 9:30", "let a = 2026-03-02T09:30"),
        ("let a = FALSE", "let a = no"),
    ],
)
def test_what_was_meant_is_read(written: str, meant: str) -> None:
    assert read(written).module == read_well(meant)


def test_many_mistakes_in_one_file_are_each_reported_where_they_are() -> None:
    text = (
        "record contact {\n  a numbr default = 1\n  b: text\n}\n"
        'classic sequense "A" {\n  owner "x\n  run daily 09:00\n  stpe a: email on day 1 {\n    template = "t"\n'
        '    track: [opens\n  }\n'
        '  step b: email after 3 { template: "t" }\n  exit when a == 1\n  foo\n}\n'
        'vew "v" of contact where a adn b\nlet c = 9:30\n'
    )
    assert places(text) == [
        (2, "SEQ101"),
        (3, "SEQ101"),
        (5, "SEQ102"),
        (6, "SEQ103"),
        (7, "SEQ121"),
        (8, "SEQ102"),
        (9, "SEQ111"),
        (10, "SEQ112"),
        (12, "SEQ109"),
        (13, "SEQ108"),
        (14, "SEQ102"),
        (16, "SEQ102"),
        (16, "SEQ102"),
        (17, "SEQ125"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ('let a = "x\nlet b = 1', 1, "SEQ103"),
        ('let b = 1\nlet a = """\nx\n', 2, "SEQ103"),
        ("let `a = 1", 1, "SEQ103"),
        ('let a = "\\q"', 1, "SEQ104"),
        ('let a = "\\u{110000}"', 1, "SEQ104"),
        ('let a = """\n  \\q"""', 2, "SEQ104"),
        ("let a = 1__0", 1, "SEQ105"),
        ("let a = 1.2.3.4", 1, "SEQ105"),
        (f"let a = {'9' * 40}", 1, "SEQ105"),
        ("let a = 1 $", 1, "SEQ106"),
        ("let a = 25:00", 1, "SEQ125"),
        ("let a = 2026-03-02T24:00", 1, "SEQ125"),
        ("let a = 2026-03-02T09:00+99:00", 1, "SEQ125"),
        ("let a = 24:00", 1, "SEQ125"),
        ("let a = 3/2/2026", 1, "SEQ125"),
        ("cadence {\n}", 1, "SEQ121"),
        ('sequence "x" { }', 1, "SEQ121"),
        ('view "v" of c where done', 1, "SEQ128"),
        ('view "v" of c where contact replied', 1, "SEQ128"),
        ('view "v" of c where opened(a, "x")', 1, "SEQ128"),
        ('view "v" of c where a.b with (c)', 1, "SEQ128"),
        ('view "v" of c where count(event "x")', 1, "SEQ128"),
        ('view "v" of c where a is 3', 1, "SEQ108"),
        ('view "v" of c where a in "x"', 1, "SEQ128"),
        ("record c { a choice [b] }", 1, "SEQ120"),
        ('event "e" { a text default 1 }', 1, "SEQ101"),
        ('journey "j" { split "s" { 10% holdout { } } }', 1, "SEQ101"),
        ('view "v" of c where ' + "not " * (NESTING_MAX + 1) + "a", 1, "SEQ115"),
        ("let a = " + "1 day from " * 20 + "today", 1, "SEQ115"),
        ("let a = " + "[" * 5000 + "]" * 5000, 1, "SEQ115"),
        ('view "v" of c where ' + "(" * 5000, 1, "SEQ115"),
    ],
)
def test_a_mistake_is_reported_once(text: str, line: int, code: str) -> None:
    assert places(text) == [(line, code)]


def test_a_broken_condition_leaves_its_statement_in_the_tree() -> None:
    (flow,) = read('journey "j" {\n  step a: b when c contains is 3 { x: 1 }\n}').module.declarations
    assert isinstance(flow, tree.Flow)
    (step,) = flow.items
    assert isinstance(step, tree.Step)
    assert step.when == tree.Broken()
    assert [option.name.text for option in step.options] == ["x"]


def test_a_statement_that_cannot_be_read_is_left_out_and_its_names_are_kept() -> None:
    module = read('journey "j" {\n  step a b c d { x: 1 }\n  exit\n}').module
    (flow,) = module.declarations
    assert isinstance(flow, tree.Flow)
    assert flow.items == (tree.ExitNow(),)
    (broken,) = module.broken
    assert "a" in broken.names
    assert (broken.span.start, broken.span.end) == (16, 30)  # its head; the block was read


def test_mistakes_inside_a_block_are_reported_though_its_head_is_broken() -> None:
    assert places('journey "j" 7 {\n  wait 3\n  step a: b { x = 1 }\n}') == [(1, "SEQ101"), (2, "SEQ109"), (3, "SEQ111")]


def test_a_file_with_too_many_mistakes_says_so_once() -> None:
    found = read("let\n" * (DIAGNOSTICS_PER_FILE_MAX * 3)).diagnostics
    assert len(found) == DIAGNOSTICS_PER_FILE_MAX + 1
    assert [d.code for d in found].count("SEQ122") == 1


def test_a_condition_alone_with_a_mistake_is_none() -> None:
    for text in ("a ==", "", "a b", "(a", "count(", "a and"):
        condition, found = parse_condition(Source("c", text))
        assert condition is None
        assert found


@pytest.mark.parametrize("mistake", MISTAKES, ids=[m.message for m in MISTAKES])
def test_every_example_of_a_mistake_is_refused(mistake: object) -> None:
    samples = getattr(mistake, "samples", ())
    assert samples
    for sample in samples:
        assert read(sample).diagnostics, sample
