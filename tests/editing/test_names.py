"""Names: where they stand, what they name, and how they get another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.app.project import load_project
from seqlang.app.workspace import open_workspace
from seqlang.diagnostics.source import Source
from seqlang.editing.analysis import Analysis, analyse
from seqlang.editing.occurrences import at, everywhere, occurrences
from seqlang.editing.renaming import Refused, rename
from tests.editing.world import BASE, TEMPLATES, project

EXAMPLES = sorted(p.parent for p in (Path(__file__).parents[2] / "examples").glob("*/simulate.args"))
OTHER = """\
view "Old" of contact where in view "Fresh" and `Lead Source` contains "x"
journey "J" {
  owner "ana@example.com"
  enter on event "page_view" with url contains "/x"
  exit when unsubscribed
  wait until 1 hour before webinar
  split "s" { 50% "a" { set score = 3 }; 50% "b" { enroll in "Main" } }
}
test "t" {
  sequence "Main"
  start 2026-03-02T08:00
  contact kim { email: "kim@acme.example", score: 50 }
  on day 1 expect hello to kim
  on day 2 kim opened hello
}
"""


def renamed(analysis: Analysis, path: str, words: str, new: str) -> dict[str, str]:
    """Return the new texts of the files after a rename of the name at some words."""
    source = analysis.source(path)
    assert source is not None
    said = rename(analysis, path, source.text.index(words) + 1, new)
    assert not isinstance(said, Refused), said
    texts: dict[str, str] = {}
    for one, edits in said.edits.items():
        before = analysis.source(one)
        assert before is not None
        text = before.text
        for edit in sorted(edits, key=lambda e: e.span.start, reverse=True):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        texts[one] = text
    return texts


CASES = [
    ("Fresh", 'Fresh" of', "Brand new", {"a.seq": 2, "b.seq": 1}),
    ("Expo", 'Expo" of', "Fair", {"a.seq": 2}),
    ("page_view", 'page_view" {', "page seen", {"a.seq": 1, "b.seq": 1}),
    ("webinar", "webinar =", "talk", {"a.seq": 1, "b.seq": 1}),
    ("score", "score number", "points", {"a.seq": 3, "b.seq": 2, "templates/hello.html": 1}),
    ("Lead Source", "Lead Source", "origin", {"a.seq": 1, "b.seq": 1}),
    ("Main", 'Main" {', "Haupt", {"a.seq": 1, "b.seq": 2}),
    ("url", "url text", "address", {"a.seq": 1, "b.seq": 1}),
]


@pytest.mark.parametrize(("name", "words", "new", "places"), CASES)
def test_a_name_is_changed_everywhere_and_the_project_stays_right(
    name: str, words: str, new: str, places: dict[str, int]
) -> None:
    templates = TEMPLATES | {"hello.html": "<title>Hi</title>{{ contact.score }}"}
    analysis = project(BASE, OTHER, templates=templates)
    before = [d.code for d in analysis.diagnostics]
    texts = renamed(analysis, "a.seq", words, new)
    assert {path: text.count(new) for path, text in texts.items()} == places
    files = [texts.get(path, text) for path, text in (("a.seq", BASE), ("b.seq", OTHER))]
    after = {n: texts.get(f"templates/{n}", text) for n, text in templates.items()}
    assert [d.code for d in project(*files, templates=after).diagnostics] == before


def test_a_step_that_is_renamed_says_so_in_its_flow() -> None:
    texts = renamed(project(BASE, OTHER), "a.seq", "hello: email", "first mail")
    assert "  moved hello to `first mail`\n" in texts["a.seq"]
    assert "opened(`first mail`)" in texts["a.seq"]
    assert "on day 1 expect `first mail` to kim" in texts["b.seq"]
    assert not [d for d in project(texts["a.seq"], texts["b.seq"]).diagnostics if d.severity == "error"]


def test_a_step_that_is_renamed_twice_and_back_has_moved_once_and_not_at_all() -> None:
    once = renamed(project(BASE), "a.seq", "hello: email", "second")["a.seq"]
    twice = renamed(project(once), "a.seq", "second: email", "third")["a.seq"]
    assert "moved hello to third" in twice
    assert twice.count("moved") == 1
    assert renamed(project(twice), "a.seq", "third: email", "hello")["a.seq"] == BASE


@pytest.mark.parametrize(
    ("words", "new", "why"),
    [
        ("score number", "stage", "there is already a field `stage`"),
        ("hello: email", "ring", "there is already a step `ring`"),
        ("email on day 1", "x", "a channel cannot be renamed here"),
        ("score number", "", "a name is not empty, and has neither line ends nor backticks"),
        ("score number", "my score", "templates use `score`, and `my score` cannot stand in a placeholder"),
    ],
)
def test_a_rename_that_cannot_be_is_refused_with_the_reason(words: str, new: str, why: str) -> None:
    assert rename(project(BASE), "a.seq", BASE.index(words) + 1, new) == Refused(why)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda p: p.name)
def test_in_every_example_each_name_stands_where_it_is_said_to(folder: Path) -> None:
    analysis = analyse(load_project(open_workspace(str(folder))).text)
    paths = [m.source.path for m in analysis.text.modules] + [f"templates/{t}" for t in analysis.text.templates]
    for path in paths:
        source = analysis.source(path)
        assert isinstance(source, Source)
        found = occurrences(analysis, path)
        for one in found:
            assert source.text[one.span.start : one.span.end] == one.symbol.name
        assert len({one.span for one in found}) == len(found)
        for one in found:
            if one.symbol.kind in {"step", "view", "list", "event", "flow", "constant", "goal", "split"}:
                assert sum(o.declares for o in everywhere(analysis, one.symbol)) == 1, one


def test_the_name_at_an_offset_is_the_one_under_or_beside_the_cursor() -> None:
    analysis = project(BASE)
    start = BASE.index("hello) {")
    for offset in (start, start + 3, start + 5):
        found = at(analysis, "a.seq", offset)
        assert found is not None
        assert found.symbol.name == "hello"
    assert at(analysis, "a.seq", BASE.index("run daily") + 1) is None
