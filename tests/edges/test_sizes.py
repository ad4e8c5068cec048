"""Projects that are larger than any person's: many steps, deep conditions, many flows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqlang.cli.main import main
from tests.engine.playing import contact, play

HEAD = 'owner "ana@example.com"\n run daily at 09:00 in "UTC"\n'
KIM = contact("kim@x.example")
SCORED = contact("kim@x.example", score=50)
SCORE = "record contact { score number default 0 }\n"


def test_a_sequence_of_200_steps() -> None:
    steps = "\n".join(f'step s{n}: task on day {n} {{ title: "{n}" }}' for n in range(1, 201))
    text = f'classic sequence "F" {{\n {HEAD} audience {{ }}\n{steps}\n exit when finished\n}}\n'
    world = play(text, "2026-01-01T08:00", "2026-12-31T00:00", [KIM])
    assert [line.rsplit(" ", 1)[1] for line in world.lines("executed")] == [f"s{n}" for n in range(1, 201)]
    assert world.lines("exited") == ["2026-07-19 09:00 kim exited : finished"]


def test_a_journey_of_200_steps_at_once() -> None:
    steps = "\n".join(f'step s{n}: task {{ title: "{n}" }}' for n in range(200))
    text = f'event "go"\njourney "F" {{\n owner "ana@example.com"\n enter on event "go"\n{steps}\n}}\n'
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert len(world.lines("executed")) == 200
    assert world.lines("exited") == ["2026-03-02 10:00 kim exited : finished"]


@pytest.mark.parametrize(("shape", "comes"), [("and", True), ("not", False), ("mixed", True)])
def test_a_condition_50_levels_deep(shape: str, comes: bool) -> None:
    deep = "score > 1"
    for n in range(50):
        if shape == "not":
            deep = f"not ({deep} and score != {n + 100})" if n % 2 else f"not ({deep})"
        else:
            word = "or" if shape == "mixed" and n % 2 else "and"
            deep = f"({deep} {word} score > {n if word == 'and' else 1000})" if n < 49 else f"({deep} and score < 100)"
    if shape == "not":
        deep = f"not ({deep})"
    text = f'{SCORE}classic sequence "F" {{\n {HEAD} audience {{ where {deep} }}\n step a: task on day 1 {{ title: "t" }}\n}}\n'
    low = contact("lou@x.example", score=0)
    entered = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [SCORED, low]).lines("entered")
    assert entered == [f"2026-03-02 09:00 {'kim' if comes else 'lou'} entered"]


def test_branches_50_levels_deep() -> None:
    body = 'set title = "deep"'
    for n in range(50):
        body = f"if score >= {n % 50} {{\n{body}\n}}"
    text = f'{SCORE}event "go"\njourney "F" {{\n owner "ana@example.com"\n enter on event "go"\n{body}\n}}\n'
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [SCORED], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert len(world.lines("branched")) == 50
    assert world.field("contact", "kim@x.example", "title") == "deep"


def test_500_flows_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = ("classic sequence", "smart sequence", "outbound sequence", "journey", "workflow")
    text = ['event "go"\n']
    for n in range(500):
        kind = kinds[n % 5]
        day = "on day 1" if kind == "classic sequence" else ""
        head = HEAD + " audience { }\n" if "sequence" in kind else 'owner "ana@example.com"\n'
        head += {"journey": ' enter on event "go"\n', "workflow": ' on event "go"\n'}.get(kind, "")
        text.append(f'{kind} "F{n}" {{\n {head} step a: task {day} {{ title: "t" }}\n}}\n')
    (tmp_path / "flows.seq").write_text("".join(text), encoding="utf-8")
    (tmp_path / "seqlang.toml").write_text('name = "many"\n', encoding="utf-8")
    (tmp_path / "contacts.csv").write_text("email\nkim@x.example\nlou@x.example\n", encoding="utf-8")
    (tmp_path / "events.csv").write_text(
        "at,contact,kind,sequence,step,value\n2026-03-02T10:00,kim@x.example,event,,,go\n", encoding="utf-8"
    )
    files = ["--contacts", str(tmp_path / "contacts.csv"), "--events", str(tmp_path / "events.csv")]
    span = ["--from", "2026-03-02T08:00", "--until", "2026-03-02T12:00"]
    assert main(["simulate", "--project", str(tmp_path), *files, *span, "--format", "json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len([r for r in rows if r["what"] == "executed"]) == 300 * 2 + 200
    assert len({r["sequence"] for r in rows}) == 500
