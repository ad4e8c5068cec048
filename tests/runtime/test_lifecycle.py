"""Starting, stopping, going on and archiving flows; taking people out (LANGUAGE 5.1, 5.3; COMMANDS, *Running*)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from seqlang.errors import NotFoundError, RefusedError
from seqlang.runtime import lifecycle
from seqlang.store import tables
from seqlang.store.records import find
from tests.engine.playing import World, contact, instant

MAIL = '{ subject: "s", text: "t" }'
KIM = contact("kim@x.example")


def world_of(kind: str = "classic", steps: str | None = None) -> World:
    """Return a world with one sequence that is still a draft."""
    timed = kind == "classic"
    steps = steps or "".join(f"step s{n}: email {f'on day {n}' if timed else ''} {MAIL}\n" for n in (1, 2))
    text = f'{kind} sequence "F" {{\n owner "ana@example.com"\n run daily at 09:00 in "UTC"\n audience {{ }}\n{steps}}}\n'
    world = World.of(text, "2026-03-02T08:00", [KIM])
    with world.store.begin() as conn:
        conn.execute(update(tables.flow).values(state="draft", started_at=None, run_next_at=None))
    return world


def start(world: World, at: str) -> None:
    """Start the flow at an instant."""
    world.now = instant(at)
    with world.store.begin() as conn:
        lifecycle.activate(conn, world.store, 1, world.now)


def tick(world: World, *days: str) -> None:
    """Tick at 09:00 of some days of March."""
    for day in days:
        world.now = instant(f"2026-03-{day}T09:00")
        world.tick()


def test_flow_that_was_stopped_goes_on_as_after_an_outage() -> None:
    world = world_of()
    start(world, "2026-03-02T08:00")
    tick(world, "02")
    with world.store.begin() as conn:
        lifecycle.stop(conn, world.store, 1, instant("2026-03-02T12:00"))
    tick(world, "03", "04")
    assert world.lines("executed") == ["2026-03-02 09:00 kim executed s1"]
    start(world, "2026-03-05T12:00")
    world.tick()  # the run of 09:00 was missed, and this is still its date
    assert world.lines("executed")[1:] == ["2026-03-05 09:00 kim executed s2"]


def test_flow_is_started_once() -> None:
    world = world_of()
    start(world, "2026-03-02T08:00")
    with pytest.raises(RefusedError, match="active already"):
        start(world, "2026-03-02T08:30")


def test_outbound_sequence_cannot_be_stopped_once_started() -> None:
    world = world_of("outbound")
    start(world, "2026-03-02T08:00")
    with pytest.raises(RefusedError, match="cannot be stopped"), world.store.begin() as conn:
        lifecycle.stop(conn, world.store, 1, world.now)


def test_archived_flow_cannot_be_started_again() -> None:
    world = world_of()
    start(world, "2026-03-02T08:00")
    with world.store.begin() as conn:
        lifecycle.archive(conn, world.store, 1, world.now)
    with pytest.raises(RefusedError, match="is archived"):
        start(world, "2026-03-03T08:00")


def test_draft_takes_nobody_in_by_hand() -> None:
    world = world_of()
    with pytest.raises(RefusedError, match="not started"), world.store.begin() as conn:
        lifecycle.enroll(conn, world.store, 1, [1], world.now)


def test_flow_that_does_not_exist_is_not_found() -> None:
    world = world_of()
    with pytest.raises(NotFoundError), world.store.begin() as conn:
        lifecycle.archive(conn, world.store, 99, world.now)


def test_who_is_taken_out_leaves_at_once_and_cannot_come_again() -> None:
    world = world_of()
    start(world, "2026-03-02T08:00")
    tick(world, "02")
    with world.store.begin() as conn:
        ids = list(find(conn, world.store, "contact", ["kim@x.example"]).values())
        assert lifecycle.unenroll(conn, world.store, 1, ids, instant("2026-03-02T12:00")) == 1
        assert lifecycle.enroll(conn, world.store, 1, [*ids, 99], instant("2026-03-02T12:00")) == {
            ids[0]: "was in before",
            99: "there is no such record",
        }
    assert world.lines("exited") == ["2026-03-02 12:00 kim exited : removed"]
    with world.store.read() as conn:
        assert conn.execute(select(tables.ledger.c.state).where(tables.ledger.c.what == "executed")).scalars().all() == [
            "cancelled"
        ]


def test_outbound_message_that_was_dropped_is_gone_on_from() -> None:
    steps = f'step one: task {{ title: "t" }}\nstep two: email {MAIL}\n'
    world = world_of("outbound", steps)
    start(world, "2026-03-02T08:00")
    tick(world, "02", "03")
    assert world.lines("executed") == ["2026-03-02 09:00 kim executed one"]
    with world.store.begin() as conn:
        conn.execute(update(tables.ledger).where(tables.ledger.c.what == "executed").values(state="cancelled"))
    tick(world, "04")
    assert world.lines("executed")[1:] == ["2026-03-04 09:00 kim executed two"]
