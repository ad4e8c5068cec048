"""Telling events and taking them in (COMMANDS events.csv, LANGUAGE 2, 5.8, 9)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from seqlang.engine.telling import Told, subject_of, tell, tell_all
from seqlang.simulation.scenario import NewRecord
from seqlang.store import tables
from tests.engine.playing import World, contact, play

KIM, LOU = contact("kim@x.example"), contact("lou@x.example")
MAIL = '{ subject: "x", text: "y" }'
TEXT = (
    'event "go"\nevent "seen" { url text }\nrecord contact { score number, stage choice ["a", "b"], ends date, vip boolean }\n'
    'journey "J" {\n owner "ana@example.com"\n enter on event "go"\n'
    f' step hello: email {MAIL}\n step ring: call {{ script: "x" }}\n step todo: task {{ title: "x" }}\n wait 9 days\n'
    f" step never: email {MAIL}\n}}\n"
)
GO = "2026-03-02T10:00,kim@x.example,event,,,go"


def world_of(*events: str, until: str = "2026-03-04T00:00") -> World:
    return play(
        TEXT, "2026-03-02T08:00", until, [KIM, LOU, NewRecord("account", {"name": "X", "domain": "x.example"})], [GO, *events]
    )


def told(world: World, key: str, kind: str, *rest: str | None) -> str | None:
    record, name = subject_of(key)
    sequence, step, value = (*rest, None, None, None)[:3]
    with world.store.begin() as conn:
        return tell(conn, world.store, Told(world.now, record, name, kind, sequence, step, value), recorded_at=world.now)


def test_what_cannot_be_recorded_is_said_in_plain_words() -> None:
    world = world_of()
    assert told(world, "nobody@x.example", "opened", "J") == "there is no contact `nobody@x.example`"
    assert "was never sent to `lou@x.example`" in (told(world, "lou@x.example", "opened", "J", "hello") or "")
    assert "the step `never` of `J` was never sent" in (told(world, "kim@x.example", "opened", "J", "never") or "")
    assert "no sequence `K`" in (told(world, "kim@x.example", "opened", "K") or "")
    assert "no kind of event `oepned`" in (told(world, "kim@x.example", "oepned", "J") or "")
    assert "no field `scor`; did you mean `score`?" in (told(world, "kim@x.example", "changed", None, None, "scor=1") or "")
    assert told(world, "kim@x.example", "changed", None, None, "score=many") is not None
    assert told(world, "kim@x.example", "changed", None, None, "stage=c") is not None
    assert "kept by the engine" in (told(world, "kim@x.example", "changed", None, None, "last_contacted_mode=Chat") or "")
    assert "JSON" in (told(world, "kim@x.example", "event", None, None, "go {broken") or "")


def test_an_event_from_the_future_is_refused() -> None:
    world = world_of()
    with world.store.begin() as conn:
        late = Told(world.now + timedelta(minutes=1), "contact", "kim@x.example", "event", value="go")
        assert "from the future" in (tell(conn, world.store, late, recorded_at=world.now) or "")


def test_twice_told_by_the_same_name_is_once() -> None:
    world = world_of()
    event = Told(world.now, "contact", "kim@x.example", "event", value="seen", external_id="m-1")
    with world.store.begin() as conn:
        assert tell_all(conn, world.store, [event, event], recorded_at=world.now) == []
        assert tell(conn, world.store, event, recorded_at=world.now) is None
        assert conn.execute(select(func.count()).select_from(tables.event).where(tables.event.c.name == "seen")).scalar_one() == 1


def test_many_events_are_recorded_and_bad_ones_reported_by_their_place() -> None:
    world = world_of()
    events = [
        Told(world.now, "contact", "kim@x.example" if n % 100 else "gone@x.example", "event", value=f'seen {{"url": "{n}"}}')
        for n in range(2_000)
    ]
    with world.store.begin() as conn:
        problems = tell_all(conn, world.store, events, recorded_at=world.now)
    assert [p.index for p in problems] == list(range(0, 2_000, 100))


def test_without_a_step_it_is_the_latest_message_and_without_a_sequence_the_last_of_all() -> None:
    world = world_of("2026-03-03T10:00,kim@x.example,opened,J,,", "2026-03-03T11:00,kim@x.example,replied,,,")
    with world.store.read() as conn:
        rows = conn.execute(
            select(tables.event.c.kind, tables.node.c.key).join(tables.node, tables.node.c.id == tables.event.c.node_id)
        )
        assert {tuple(row) for row in rows} == {("opened", "hello"), ("replied", "hello")}


def test_modes_and_types_follow_what_happened() -> None:
    def mode(*events: str) -> tuple[object, object]:
        world = world_of(*events)
        return (
            world.field("contact", "kim@x.example", "last_contacted_mode"),
            world.field("contact", "kim@x.example", "last_activity_type"),
        )

    at = "2026-03-03T10:00,kim@x.example"
    assert mode() == ("No reply", None)
    assert mode(f"{at},opened,J,hello,") == ("Opened but no reply", None)
    assert mode(f"{at},opened,J,hello,machine") == ("No reply", None)
    assert mode(f"{at},replied,J,hello,") == ("Replied", None)
    assert mode(f"{at},replied,J,hello,", f"{at},opened,J,hello,") == ("Replied", None)
    assert mode(f"{at},replied,J,hello,out of office") == ("No reply", None)
    assert mode(f"{at},completed,J,ring,Connected") == ("Outgoing call", "Call")
    assert mode(f"{at},completed,J,todo,Done") == ("Sales Activity", "Task")
    assert mode(f"{at},activity,,,Chat") == ("Chat", "Chat")
    assert mode(f"{at},activity,,,Lunch") == ("No reply", "Lunch")


def test_a_hard_bounce_closes_the_address_and_a_soft_one_does_not() -> None:
    world = world_of("2026-03-03T10:00,kim@x.example,bounced,J,hello,soft")
    with world.store.read() as conn:
        assert conn.execute(select(tables.suppression)).all() == []
    world = world_of("2026-03-03T10:00,kim@x.example,bounced,J,hello,")
    with world.store.read() as conn:
        assert conn.execute(select(tables.suppression.c.address)).scalars().all() == ["kim@x.example"]


def test_a_second_report_and_a_second_unsubscribe_change_nothing() -> None:
    world = world_of(
        "2026-03-03T10:00,kim@x.example,completed,J,ring,Connected",
        "2026-03-03T11:00,kim@x.example,completed,J,ring,No answer",
        "2026-03-03T10:00,kim@x.example,unsubscribed,,,",
        "2026-03-03T12:00,kim@x.example,unsubscribed,,,",
    )
    contacts = world.store.records("contact")
    with world.store.read() as conn:
        assert conn.execute(select(tables.event.c.name).where(tables.event.c.kind == "completed")).scalars().all() == [
            "Connected"
        ]
        since = conn.execute(select(contacts.c.unsubscribed_at).where(contacts.c.email_key == "kim@x.example")).scalar_one()
        first = conn.execute(select(func.min(tables.event.c.at)).where(tables.event.c.kind == "unsubscribed")).scalar_one()
    assert since == first
    assert world.problems == []


def test_changed_fields_are_typed_and_the_last_one_stays() -> None:
    at = "2026-03-03T10:00,kim@x.example,changed,,"
    world = world_of(
        f"{at},score=1",
        f"{at},score=7",
        f"{at},vip=yes",
        f"{at},ends=2026-05-01",
        f"{at},stage=b",
        "2026-03-03T10:00,kim@x.example,changed,,,account=x.example",
        f"{at},stage=",
    )
    assert world.problems == []
    assert world.field("contact", "kim@x.example", "score") == 7
    assert world.field("contact", "kim@x.example", "vip") is True
    assert world.field("contact", "kim@x.example", "stage") is None
    assert world.field("contact", "kim@x.example", "account") is not None
    with world.store.read() as conn:
        rows = conn.execute(select(tables.change.c.value).where(tables.change.c.field == "score").order_by(tables.change.c.id))
        assert rows.scalars().all() == ["1.0", "7.0"]


def test_a_new_address_is_looked_at_anew() -> None:
    world = world_of("2026-03-03T10:00,kim@x.example,changed,,,email=not an address")
    contacts = world.store.records("contact")
    with world.store.read() as conn:
        ok = conn.execute(
            select(contacts.c.email_ok).where(world.store.column("contact", "email") == "not an address")
        ).scalar_one()
    assert ok is not True
