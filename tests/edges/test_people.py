"""People who change on the way: owners, deletions, mergers, and audiences of nobody."""

from __future__ import annotations

import pytest

from seqlang.simulation.scenario import NewRecord
from seqlang.store.records import delete, find
from seqlang.store.records_leaving import merge
from tests.engine.playing import World, contact, play

MAIL = '{ subject: "s", text: "t" }'
HEAD = 'owner "ana@example.com"\n run daily at 09:00 in "UTC"\n'


def ids(world: World, record: str, *keys: str) -> list[int]:
    with world.store.read() as conn:
        found = find(conn, world.store, record, keys)
        return [found[k] for k in keys]


def test_an_owner_that_changes_gets_the_tasks_from_then_on_and_turns_conditions() -> None:
    text = (
        f'classic sequence "F" {{\n {HEAD} audience {{ }}\n'
        ' step a: task on day 1 { title: "t", assignee: contact.owner }\n'
        ' step b: task on day 3 when owner = "bo@example.com" { title: "t", assignee: contact.owner }\n'
        ' exit when owner = "eva@example.com"\n}\n'
    )
    people = [contact("kim@x.example", owner="ana@example.com"), contact("lou@x.example", owner="ana@example.com")]
    events = [
        "2026-03-03T12:00,kim@x.example,changed,,,owner=bo@example.com",
        "2026-03-03T12:00,lou@x.example,changed,,,owner=eva@example.com",
    ]
    world = play(text, "2026-03-02T08:00", "2026-03-06T00:00", people, events)
    assert world.problems == []
    assert world.lines("executed", "skipped", "exited") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-02 09:00 lou executed a",
        "2026-03-04 09:00 kim executed b",
        "2026-03-04 09:00 lou exited : condition",
    ]


def test_a_contact_deleted_while_it_waits_leaves_its_deals_journeys_too() -> None:
    text = (
        f'journey "F" {{\n owner "ana@example.com"\n enter on event "go"\n step a: email {MAIL}\n'
        f' wait 3 days\n step b: email {MAIL}\n}}\n'
        'event "go"\n'
        'journey "D" for deal {\n owner "ana@example.com"\n enter when stage = "Open"\n wait 2 days\n set currency = "EUR"\n'
        f' step c: email {MAIL}\n}}\n'
    )
    deal = NewRecord("deal", {"name": "Big", "stage": "Open", "contact": "kim@x.example"})
    world = World.of(text, "2026-03-02T08:00", [contact("kim@x.example"), contact("lou@x.example"), deal])
    for who in ("kim", "lou"):
        world.tell(f"{who}@x.example", "event", value="go")
    world.to("2026-03-03T12:00")
    with world.store.begin() as conn:
        delete(conn, world.store, "contact", list(find(conn, world.store, "contact", ["kim@x.example"]).values()), world.now)
    world.to("2026-03-08T00:00")
    assert world.lines("exited", flow="F") == [
        "2026-03-03 12:00 kim exited : deleted",
        "2026-03-05 08:00 lou exited : finished",
    ]
    assert world.lines("executed", "exited", flow="D") == ["2026-03-03 12:00 deal:Big exited : deleted"]
    assert world.field("deal", "Big", "currency") is None


def test_an_account_merged_hands_its_people_on_and_its_own_stay_ends() -> None:
    text = (
        f'classic sequence "S" for account {{\n {HEAD} audience {{ where industry = "Software" }}\n'
        ' step a: task on day 1 { title: "t" }\n step b: task on day 3 { title: "t" }\n exit when account.industry = "Food"\n}\n'
        'journey "J" for account {\n owner "ana@example.com"\n enter when industry is not empty\n'
        ' wait 3 days\n set name = "later"\n}\n'
    )
    people = [
        NewRecord("account", {"name": "Old", "domain": "old.example", "industry": "Software"}),
        NewRecord("account", {"name": "New", "domain": "new.example", "industry": "Food"}),
        contact("kim@old.example", account="old.example"),
        contact("lou@new.example", account="new.example"),
    ]
    world = World.of(text, "2026-03-02T08:00", people).to("2026-03-03T12:00")
    keep, gone = ids(world, "account", "new.example", "old.example")
    with world.store.begin() as conn:
        merge(conn, world.store, "account", keep, gone, world.now)
    world.to("2026-03-09T00:00")
    assert world.lines("executed", "exited") == [
        "2026-03-02 09:00 S / kim executed a",
        "2026-03-03 12:00 J / account:old.example exited : deleted",
        "2026-03-04 09:00 S / kim exited : condition",
        "2026-03-05 08:00 J / account:new.example executed set",
        "2026-03-05 08:00 J / account:new.example exited : finished",
    ]


@pytest.mark.parametrize("kind", ["classic sequence", "smart sequence", "outbound sequence"])
@pytest.mark.parametrize("people", [(), (contact("kim@x.example"),)], ids=["no contacts", "none that matches"])
def test_an_audience_of_nobody_is_no_mistake(kind: str, people: tuple[NewRecord, ...]) -> None:
    day = "on day 1" if kind == "classic sequence" else ""
    text = f'{kind} "F" {{\n {HEAD} audience {{ where title = "none" }}\n step a: email {day} {MAIL}\n exit when finished\n}}\n'
    assert play(text, "2026-03-02T08:00", "2026-03-09T00:00", people).lines() == []


ONE = {
    "classic sequence": f'{HEAD} audience {{ }}\n step a: task on day 1 {{ title: "t" }}\n exit when finished',
    "smart sequence": f'{HEAD} audience {{ }}\n step a: task {{ title: "t" }}\n exit when finished',
    "outbound sequence": f"{HEAD} audience {{ }}\n step a: email {MAIL}\n exit when finished",
    "cadence": f'{HEAD} step a: task on day 1 {{ title: "t" }}\n exit when finished',
    "workflow": 'owner "ana@example.com"\n on event "go"\n step a: task { title: "t" }',
    "journey": 'owner "ana@example.com"\n enter on event "go"\n step a: task { title: "t" }',
}


@pytest.mark.parametrize("kind", ONE)
def test_a_flow_of_one_step_does_it_and_ends(kind: str) -> None:
    text = f'event "go"\n{kind} "F" {{\n {ONE[kind]}\n}}\n'
    events = ["2026-03-02T08:30,kim@x.example,event,,,go", "2026-03-02T08:30,kim@x.example,enrolled,F,,"]
    if kind != "cadence":
        events.pop()
    world = play(text, "2026-03-02T08:00", "2026-03-09T00:00", [contact("kim@x.example")], events)
    at = "08:30" if kind in {"workflow", "journey"} else "09:00"
    assert world.lines() == [
        f"2026-03-02 {at} kim entered",
        f"2026-03-02 {at} kim executed a",
        f"2026-03-02 {at} kim exited : finished",
    ]


@pytest.mark.parametrize("back", ["2026-03-06", "2026-03-24"])
@pytest.mark.parametrize("kind", ["classic sequence", "journey"])
def test_of_two_notes_of_absence_the_last_one_counts(kind: str, back: str) -> None:
    steps = {
        "journey": f'owner "ana@example.com"\n enter on event "go"\n step a: email {MAIL}\n wait 1 day\n step b: email {MAIL}',
        "classic sequence": f"{HEAD} audience {{ }}\n step a: email on day 1 {MAIL}\n step b: email on day 2 {MAIL}",
    }
    world = World.of(f'event "go"\n{kind} "F" {{\n {steps[kind]}\n}}\n', "2026-03-02T08:00", [contact("kim@x.example")])
    world.tell("kim@x.example", "event", value="go")
    for at, date in (("2026-03-02T10:00", "2026-03-20"), ("2026-03-04T10:00", back)):
        world.to(at).tell("kim@x.example", "replied", "F", "a", f"out of office {date}")
    at = "00:00" if kind == "journey" else "09:00"
    assert world.to("2026-04-01T00:00").lines("executed")[1:] == [f"{back} {at} kim executed b"]
