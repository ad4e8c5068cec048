"""What a picture of a flow says, whatever draws it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from seqlang.graph import FlowCount, Picture, StepCount, dot, flow_picture, mermaid, project_picture, svg
from seqlang.graph.picture import Line, Shape
from tests.graph.worlds import flow_of, plan_of


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> object:
    return plan_of(tmp_path_factory.mktemp("world"))


def ways(picture: Picture, start: str) -> set[tuple[str, str]]:
    return {(line.label, line.end) for line in picture.lines if line.start == start}


def test_a_journey_shows_every_statement_and_where_ways_part(tmp_path: Path) -> None:
    picture = flow_picture(flow_of(plan_of(tmp_path), "All of it"))
    assert ways(picture, "split:s & t") == {("50% x", "b"), ("40% y", "split:s & t/y/if:1"), ("10% holdout", "enroll:1")}
    assert {label for label, _ in ways(picture, "split:s & t/y/if:1")} == {"1", "2", "else"}
    assert ways(picture, "enroll:1") == {("", "(end)")}
    assert {shape.title for shape in picture.shapes if shape.kind == "entry"} == {'on event "trial"', "when score > 5"}


def test_whoever_moves_on_or_exits_has_no_way_further(tmp_path: Path) -> None:
    picture = flow_picture(flow_of(plan_of(tmp_path), "All of it"))
    gone = [shape.key for shape in picture.shapes if shape.title in {'move to "Next"', "exit"}]
    assert len(gone) == 3  # one `move`, an `exit` in a branch, an `exit` in a block
    assert not any(ways(picture, key) for key in gone)


def test_a_block_of_an_exit_ends_without_having_finished(tmp_path: Path) -> None:
    picture = flow_picture(flow_of(plan_of(tmp_path), "All of it"))
    assert ways(picture, "(exit:1)") == {("", "exit:1/list:1")}
    assert ways(picture, '(goal Bought "it" <now>)') == {("", 'goal:Bought "it" <now>/tag:1')}
    assert ways(picture, 'goal:Bought "it" <now>/tag:1') == set()


def test_a_sequence_without_finished_keeps_its_contacts(tmp_path: Path) -> None:
    world = plan_of(tmp_path)
    assert flow_picture(flow_of(world, "Next")).shapes[3].title == "stays in"
    calls = flow_picture(flow_of(world, "Calls"))
    assert next(shape.title for shape in calls.shapes if shape.kind == "end") == "finished"  # its last step is a to-do


def test_a_smart_sequence_goes_down_its_list_at_each_run(tmp_path: Path) -> None:
    picture = flow_picture(flow_of(plan_of(tmp_path), "Fitting"))
    assert [line.label for line in picture.lines] == ["each run, the first that fits", "else", "else"]


def test_counts_stand_at_steps_sides_goals_and_exits(tmp_path: Path) -> None:
    count = FlowCount(
        entered=1200, active=7, exits=(("replied", 3),), goals=(('Bought "it" <now>', 5),),
        steps=(("a", StepCount(went_out=1000, skipped=2, opened=400)),), sides=(("s & t", "x", 40),),
    )  # fmt: skip
    picture = flow_picture(flow_of(plan_of(tmp_path), "All of it"), count)
    counts = {shape.key: shape.count for shape in picture.shapes}
    assert counts["a"] == "1,000 sent, 40% opened, 2 skipped"
    assert counts["(entry 1)"] == "1,200 came in, 7 are in"
    assert counts["(exit:1)"] == "3 replied"
    assert counts['(goal Bought "it" <now>)'] == "5 reached it"
    assert ("50% x (40)", "b") in ways(picture, "split:s & t")


def test_a_project_shows_who_feeds_whom(tmp_path: Path) -> None:
    picture = project_picture(plan_of(tmp_path))
    assert Line("flow All of it", "flow Next", "move to") in picture.lines
    assert Line("flow All of it", "flow By hand", "enroll in") in picture.lines
    assert Line("flow Next", "flow Points", "on exited") in picture.lines
    assert Line("flow All of it", "flow Next", "list Hot & <cold>", dashed=True) in picture.lines
    assert Line("flow All of it", "flow Fitting", "tag it", dashed=True) in picture.lines
    assert Line("flow Next", "flow Fitting", "looked at", dashed=True) in picture.lines
    assert Line("flow Points", "flow Calls", "field contact.score", dashed=True) in picture.lines


NASTY = 'a "b" <c> & d\\ {e} [f] |g| ;h# %% --> \x00\x0b \U0001f600 \u202e\u0645'


def nasty_picture() -> Picture:
    shapes = (Shape(NASTY, "message", NASTY, NASTY, (NASTY, ""), NASTY), Shape("2", "branch", ""))
    return Picture(NASTY, (NASTY,), shapes, (Line(NASTY, "2", NASTY), Line("2", NASTY, "back", dashed=True), Line("2", "2")))


def test_svg_holds_any_text_as_text() -> None:
    drawn = ET.fromstring(svg(nasty_picture()))  # noqa: S314  # our own text
    texts = ["".join(one.itertext()) for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert any(text.startswith('a "b" <c> & d\\') for text in texts)
    assert {one.tag.rpartition("}")[2] for one in drawn.iter()} <= {
        "svg", "title", "desc", "style", "text", "g", "path", "polygon", "rect",
    }  # fmt: skip


def test_mermaid_holds_any_text_as_text() -> None:
    for line in mermaid(nasty_picture()).splitlines()[4:]:
        assert line.startswith("  ")
        assert line.count('"') in {0, 2}
        if '"' in line:
            inside = line.split('"')[1].replace("<b>", "").replace("</b>", "").replace("<br>", "")
            assert not set(inside.replace("<i>", "").replace("</i>", "")) & set("<>{}[]|")


def test_dot_holds_any_text_as_text() -> None:
    for line in dot(nasty_picture()).splitlines():
        bare = line.replace("\\\\", "").replace('\\"', "")
        assert bare.count('"') % 2 == 0
        assert "\x00" not in line


def test_an_empty_picture_can_be_drawn() -> None:
    empty = Picture("", (), (), ())
    assert ET.fromstring(svg(empty)) is not None  # noqa: S314
    assert "flowchart TD" in mermaid(empty)
    assert dot(empty).startswith('digraph ""')
