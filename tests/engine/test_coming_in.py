"""Coming into sequences: audiences, by hand, never twice, in which order (LANGUAGE 5.1, 5.8)."""

from __future__ import annotations

from sqlalchemy import select

from seqlang.runtime import lifecycle
from seqlang.simulation.scenario import NewRecord, Value
from seqlang.store import Store, tables
from seqlang.store.records import delete, find
from tests.engine.playing import World, contact, instant

STEP = 'step a: task on day 1 { title: "t" }\n'


def flow(body: str = "", *, name: str = "F", audience: str = "audience { }", step: str = STEP, head: str = "") -> str:
    """Return a classic sequence."""
    head += f'classic sequence "{name}" {{\n owner "ana@example.com"\n run daily at 09:00 in "UTC"\n'
    return f"{head} {audience}\n{step}{body}}}\n"


def born(email: str, created: str, **values: Value) -> NewRecord:
    """Return a contact that was created at an instant."""
    made = contact(email, created_at=instant(created), **values)
    return NewRecord(made.record, made.values, created_at=instant(created))


def flow_id(world: World, name: str = "F") -> int:
    """Return a flow's number."""
    with world.store.read() as conn:
        return int(conn.execute(select(tables.flow.c.id).where(tables.flow.c.name == name)).scalar_one())


def enroll(world: World, *emails: str, name: str = "F") -> list[str | None]:
    """Enrol by hand, and return the answers."""
    with world.store.begin() as conn:
        ids = find(conn, world.store, "contact", emails)
        answers = lifecycle.enroll(conn, world.store, flow_id(world, name), [ids[e] for e in emails], world.now)
        return [answers[ids[e]] for e in emails]


def test_of_several_with_the_same_value_only_the_one_created_first_comes_in(store: Store) -> None:
    people = [
        born("late@x.example", "2026-02-02T00:00", first_name="KIM"),
        born("b@x.example", "2026-02-01T00:00", first_name="kim"),
        born("a@x.example", "2026-02-01T00:00", first_name="Kim"),
        born("none@x.example", "2026-02-01T00:00"),
        born("nil@x.example", "2026-02-01T00:00"),
    ]
    world = World.of(flow(audience="audience { unique by first_name }"), "2026-03-02T08:00", people, store=store).to(
        "2026-03-05T00:00"
    )
    assert sorted(world.lines("entered")) == [f"2026-03-02 09:00 {who} entered" for who in ("a", "nil", "none")]


def test_value_of_somebody_who_was_in_keeps_others_out() -> None:
    people = [
        born("a@x.example", "2026-02-01T00:00", first_name="Kim"),
        born("b@x.example", "2026-03-04T00:00", first_name="kim"),
    ]
    text = flow("exit when finished\n", audience="audience { unique by first_name; where created_at before now }")
    assert World.of(text, "2026-03-02T08:00", people).to("2026-03-08T00:00").lines("entered") == ["2026-03-02 09:00 a entered"]


def test_who_may_not_come_in_does_not_stand_in_the_way_of_another_with_the_same_value() -> None:
    people = [
        born("a@x.example", "2026-02-01T00:00", first_name="Kim", last_name="out"),
        born("b@x.example", "2026-02-02T00:00", first_name="Kim"),
    ]
    text = flow('exit when last_name = "out"\n', audience="audience { unique by first_name }")
    assert World.of(text, "2026-03-02T08:00", people).to("2026-03-03T00:00").lines("entered") == ["2026-03-02 09:00 b entered"]


def test_admit_lets_in_so_many_a_day_the_oldest_first_and_does_not_count_who_came_by_hand() -> None:
    people = [born(f"p{n}@x.example", f"2026-02-0{n}T00:00") for n in (4, 3, 2, 1)] + [
        born("hand@x.example", "2026-01-01T00:00", title="no")
    ]
    text = flow("admit at most 2 a day\n", audience="audience { where title is empty }")
    world = World.of(text, "2026-03-02T08:00", people)
    assert enroll(world, "hand@x.example") == [None]
    assert world.to("2026-03-05T00:00").lines("entered") == [
        "2026-03-02 09:00 hand entered",
        "2026-03-02 09:00 p1 entered",
        "2026-03-02 09:00 p2 entered",
        "2026-03-03 09:00 p3 entered",
        "2026-03-03 09:00 p4 entered",
    ]


def test_admit_counts_over_all_runs_of_a_day() -> None:
    people = [born(f"p{n}@x.example", f"2026-02-0{n}T00:00") for n in (1, 2, 3)]
    text = flow("admit at most 2 a day\n").replace("daily at 09:00", "every 6 hours")
    entered = World.of(text, "2026-03-02T01:00", people).to("2026-03-04T00:00").lines("entered")
    assert entered == ["2026-03-02 06:00 p1 entered", "2026-03-02 06:00 p2 entered", "2026-03-03 00:00 p3 entered"]


def test_nobody_comes_into_the_same_sequence_twice() -> None:
    world = World.of(flow("exit when finished\n"), "2026-03-02T08:00", [contact("kim@x.example")]).to("2026-03-09T12:00")
    assert world.lines("entered") == ["2026-03-02 09:00 kim entered"]
    assert enroll(world, "kim@x.example") == ["was in before"]


def test_hand_enrolment_is_refused_with_its_reason() -> None:
    text = flow('exclusive\nexit when title = "no"\n', name="One", audience="") + flow("exclusive\n", name="Two", audience="")
    people = [contact("kim@x.example", title="no"), contact("lou@x.example"), contact("max@x.example")]
    world = World.of(text, "2026-03-02T08:00", people)
    assert enroll(world, "kim@x.example", "lou@x.example", name="One") == ["an exit holds", None]
    assert enroll(world, "lou@x.example", name="One") == ["is about to come in"]
    world.to("2026-03-02T12:00")
    assert enroll(world, "lou@x.example", "max@x.example", name="Two") == ["in another exclusive flow", None]


def test_run_passes_over_whom_an_exit_holds_by_then_without_a_line() -> None:
    text = flow("exit when unsubscribed\n", audience="")
    world = World.of(text, "2026-03-02T08:00", [contact("kim@x.example"), contact("lou@x.example")])
    assert enroll(world, "kim@x.example", "lou@x.example") == [None, None]
    world.tell("kim@x.example", "unsubscribed")
    assert world.to("2026-03-04T00:00").lines("entered") == ["2026-03-02 09:00 lou entered"]


def test_audience_is_looked_at_anew_at_every_run() -> None:
    text = flow(audience='audience { where title = "go" }')
    world = World.of(text, "2026-03-02T08:00", [contact("kim@x.example")]).to("2026-03-03T12:00")
    world.tell("kim@x.example", "changed", value="title=go")
    assert world.to("2026-03-06T00:00").lines("entered") == ["2026-03-04 09:00 kim entered"]


def test_contact_deleted_half_way_leaves_and_is_forgotten() -> None:
    step = 'step a: email on day 1 { subject: "s", text: "t" }\nstep b: email on day 3 { subject: "s", text: "t" }\n'
    world = World.of(flow(step=step), "2026-03-02T08:00", [contact("kim@x.example"), contact("lou@x.example")]).to(
        "2026-03-02T12:00"
    )
    with world.store.begin() as conn:
        delete(conn, world.store, "contact", list(find(conn, world.store, "contact", ["kim@x.example"]).values()), world.now)
    world.to("2026-03-06T00:00")
    assert world.lines("exited") == ["2026-03-02 12:00 kim exited : deleted"]
    assert world.lines("executed")[-1] == "2026-03-04 09:00 lou executed b"


def test_archive_ends_all_and_takes_nobody_in_any_more() -> None:
    world = World.of(flow(step=STEP + 'step b: task on day 3 { title: "t" }\n'), "2026-03-02T08:00", [contact("kim@x.example")])
    world.to("2026-03-02T12:00")
    with world.store.begin() as conn:
        assert lifecycle.archive(conn, world.store, flow_id(world), world.now) == 1
    assert world.to("2026-03-09T00:00").lines("executed", "exited") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-02 12:00 kim exited : archived",
    ]
