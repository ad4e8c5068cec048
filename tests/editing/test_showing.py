"""Hover, dates, outline, folds, colours, quick fixes, places."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlang.app.project import load_project
from seqlang.app.workspace import open_workspace
from seqlang.diagnostics.source import Source, Span
from seqlang.editing.analysis import analyse
from seqlang.editing.colours import colours
from seqlang.editing.forecast import expected
from seqlang.editing.hints import hints
from seqlang.editing.hover import hover
from seqlang.editing.mending import mends
from seqlang.editing.places import Encoding, Places
from seqlang.editing.structure import folds, outline
from seqlang.syntax.table import load
from seqlang.vocabulary.words import meanings, snippets
from tests.editing.world import BASE, project

NOW = datetime(2026, 2, 27, 12, tzinfo=UTC)  # a Friday
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("hello: email", "Comes on Mon 2 March at 09:30 for someone who enters today."),
        ("ring: call", "Comes on Wed 4 March at 09:30"),
        ("score > 3", "**score**: number of contact\n\nBy default `0`."),
        ('stage = "Lead"', "One of `Lead`, `Customer`."),
        ('Fresh" }', 'view "Fresh" of contact where'),
        ("hello.html", "<title>Hi</title>"),
        ("unsubscribe: yes", "**unsubscribe**: boolean"),
        ("call on day", "**call**"),
        ('Main" {', "| `ring` | Wed 4 March |"),
        ("audience {", "Who comes in, looked at anew at every run"),
        ('Expo" }', 'list "Expo" of contact'),
        ("contact.score }}", "**record contact**"),
    ],
)
def test_hover_says_what_a_word_is(words: str, said: str) -> None:
    found = hover(project(BASE), "a.seq", BASE.index(words) + 1, NOW)
    assert found is not None
    assert said in found.text


def test_hover_is_silent_in_comments_texts_and_space() -> None:
    text = BASE + "# step audience\n"
    for words in ("# step", '"Hi {{', "  run daily"):
        assert hover(project(text), "a.seq", text.index(words) + (3 if words[0] == "#" else 1), NOW) is None


def test_dates_stand_behind_the_days_and_follow_the_runs() -> None:
    assert [(BASE[h.offset - 5 : h.offset], h.text) for h in hints(project(BASE), "a.seq", NOW)] == [
        ("day 1", "Mon 2 March"),
        ("day 3", "Wed 4 March"),
    ]


def test_dates_are_those_of_the_engine() -> None:
    folder = EXAMPLES / "qualify-inbound-leads"
    analysis = analyse(load_project(open_workspace(str(folder))).text)
    flow = analysis.flows["Qualify new leads"]
    rows = [json.loads(line) for line in (folder / "timeline.jsonl").read_text("utf-8").splitlines()]
    compared = 0
    for entry in (row for row in rows if row["what"] == "entered"):
        dates = expected(flow, datetime.fromisoformat(entry["at"]))
        for row in rows:
            if row["contact"] == entry["contact"] and row["what"] == "executed" and row["step"] in dates:
                assert dates[row["step"]].at.isoformat() == row["at"][:19]
                compared += 1
    assert compared >= 5


def test_the_outline_has_declarations_steps_and_sides() -> None:
    body = '  if score > 3 { step x: call { script: "x" } }\n  split "s" { 50% "a" { tag "x" }; 50% holdout }\n'
    text = f'{BASE}journey "J" {{\n{body}}}\n'
    module = project(text).text.modules[0].module
    entries = {entry.name: [child.name for child in entry.inside] for entry in outline(module)}
    assert entries["Main"] == ["hello", "ring"]
    assert entries["J"] == ["x", "s"]
    assert entries["contact"] == ["score", "stage", "Lead Source", "trial_ends"]


def test_blocks_comments_and_long_texts_fold() -> None:
    text = '# one\n# two\nrecord contact {\n  x text\n}\nlet t = """\n  a\n  b\n  """\nlist "L" of contact # behind\n'
    found = folds(Source("a.seq", text))
    assert [(text[: f.start].count("\n"), text[: f.end].count("\n"), f.comment) for f in found] == [
        (0, 1, True),
        (2, 4, False),
        (5, 8, False),
    ]


def test_a_soft_word_is_coloured_by_what_it_is_there() -> None:
    text = 'record contact { step text, day number }\nview "V" of contact where day > 3 and step = "x"\n'
    analysis = project(text)
    found = [(text[c.span.start : c.span.end], c.type) for c in colours(analysis, "a.seq")]
    assert ("view", "keyword") in found
    assert ("day", "keyword") not in found
    assert found.count(("day", "property")) == 2
    assert found.count(("step", "property")) == 2


def test_colours_are_in_order_and_never_overlap() -> None:
    found = colours(project(BASE), "a.seq")
    assert all(a.span.end <= b.span.start for a, b in pairwise(found))


def test_offers_mend_what_is_wrong() -> None:
    text = BASE.replace("step ring: call", "step ring: cal").replace("hello.html", "hallo.html")
    analysis = project(text + 'view "W" of contact where event "bought" and in list "Odd" and size_of_team > 3\n')
    offers = mends(analysis, "a.seq", Span(0, 9999))
    titles = {m.title for m in offers}
    assert {"write `call`", "create `templates/hallo.html`"} <= titles
    declared = {title for title in titles if title.startswith("declare")}
    texts = ('event "bought" { }', 'list "Odd" of contact', "record contact { size_of_team text }")
    assert declared == {f"declare `{text}`" for text in texts}
    assert [m.safe for m in offers] == sorted((m.safe for m in offers), reverse=True)


def test_every_word_that_is_explained_is_a_word_and_every_example_is_short() -> None:
    assert set(meanings()) <= load().words
    assert all(one.word in load().words and one.text.startswith(one.word) for one in snippets())


@given(st.text(alphabet="ab\n\U0001f600é"), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_places_there_and_back(text: str, encoding: Encoding) -> None:
    places = Places(text, encoding)
    for offset in range(len(text) + 1):
        line, column = places.position(offset)
        assert places.offset(line, column) == offset
        units = text[: offset].rpartition("\n")[2]
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
        name = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
        assert column == len(units.encode(name)) // width
