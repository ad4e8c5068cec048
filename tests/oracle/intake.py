"""Taking in what happened: events by their instant, then in the order of the file (LANGUAGE 5.8, COMMANDS `simulate`)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from seqlang.plan.model import FlowPlan
from seqlang.schedule import local_date, local_instant
from seqlang.simulation.scenario import Happening, Value
from tests.oracle.asking import Asked
from tests.oracle.attempts import count_message, note_mode, refusal
from tests.oracle.leaving import anything_against, check_holds, leave, leave_if_due, may_come
from tests.oracle.statements import write
from tests.oracle.world import Changed, Had, Happened, Record, Stay, Told, World

OUT_OF_OFFICE = "out of office"


def take(world: World, told: Happening) -> None:
    """Take one event in."""
    record = _record_of(world, told)
    if record is None:
        return
    world.told_at = told.at
    if told.kind not in {"enrolled", "unenrolled"}:
        world.touch(record)
    _take(world, record, told, told.value or "")
    world.told_at = None


def _take(world: World, record: Record, told: Happening, value: str) -> None:
    match told.kind:
        case "opened" | "clicked" | "replied" | "bounced":
            _of_a_message(world, record, told, value)
        case "completed":
            _completed(world, record, told, value)
        case "unsubscribed":
            contact = world.contact_of(record)
            if contact is not None and not contact.unsubscribed:
                contact.unsubscribed = True
                world.written.append((told.at, contact, None, False))
        case "event":
            name, _, properties = value.partition(" ")
            happened = Happened(record, name, told.at, _properties(properties))
            world.events.append(happened)
            world.changes.append(Changed("event", record, name, event=happened))
        case "activity":
            _activity(record, value)
        case "changed":
            field, _, text = value.partition("=")
            write(world, record, field, parse(world, record, field, text), None)
        case "enrolled" | "unenrolled":
            _by_hand(world, record, told)


def _record_of(world: World, told: Happening) -> Record | None:
    if told.record is not None:
        return world.find(told.record, told.key)
    if told.key.startswith("deal:"):
        return world.find("deal", told.key.removeprefix("deal:"))
    return world.find("contact", told.key) or world.find("account", told.key)


def _find(world: World, record: Record, told: Happening, *, message: bool) -> tuple[Stay, Had] | None:
    """Return the step that an event is about; an empty one is the latest message of that sequence."""
    stays = [s for s in world.stays if s.contact is world.contact_of(record) and told.sequence in {None, s.flow.name}]
    found = [
        (stay, had)
        for stay in stays
        for name, had in stay.had.items()
        if had.what == "executed" and told.step in {None, "", name} and (had.message if message else had.todo or had.draft)
    ]
    found.reverse()  # of several at one instant the last in file order
    return max(found, key=lambda pair: (pair[1].done_at or pair[1].at, pair[0].number), default=None)


def _of_a_message(world: World, record: Record, told: Happening, value: str) -> None:
    found = _find(world, record, told, message=True)
    if (
        found is None
        or (told.kind in {"opened", "clicked"} and value == "machine")
        or (told.kind == "bounced" and value == "soft")
    ):
        return
    stay, had = found
    contact = stay.contact
    assert contact is not None
    if told.kind == "replied" and value.startswith(OUT_OF_OFFICE):
        named = value.removeprefix(OUT_OF_OFFICE).strip()
        back = date.fromisoformat(named) if named else local_date(told.at, stay.flow.zone) + timedelta(days=7)
        contact.note = (told.at, back)
        for there in world.stays:
            if there.active and there.contact is contact:
                world.tell(there, "held", why=str(world.held_until(there)))
        return
    had.told.append(Told(told.kind, told.at, value))
    if told.kind == "bounced":
        world.bounced.add(str(contact.values.get("email") or "").lower())
    elif told.kind == "replied":
        note_mode(world, stay, "Replied")
    elif contact.values.get("last_contacted_mode") != "Replied":
        note_mode(world, stay, "Opened but no reply")


def _completed(world: World, record: Record, told: Happening, value: str) -> None:
    found = _find(world, record, told, message=False)
    if found is None or found[1].done_at is not None or found[1].cancelled:
        return
    stay, had = found
    if had.draft and not _may_go(world, stay, had):
        return
    had.done_at = told.at
    if had.draft:
        had.draft = False
        had.message = True
        channel = "email" if had.step.channel == "email_reminder" else had.step.channel
        clock, world.now = world.now, told.at  # what a person does counts from when it was done
        world.tell(stay, "executed", step=had.step.key, channel=channel)
        count_message(world, stay, had.step)
        world.now = clock
        return
    had.outcome = value
    call = had.step.channel == "call"
    note_mode(world, stay, "Outgoing call" if call else "Sales Activity")
    if stay.contact is not None:
        stay.contact.values["last_activity_type"] = had.step.activity or ("Call" if call else "Task")
    world.changes.append(Changed("outcome", stay.record, value, by=stay.flow.name))


def _may_go(world: World, stay: Stay, had: Had) -> bool:
    """Look at exits, then at the rule on addresses and consent, before a draft that is released goes."""
    if stay.active and leave_if_due(world, stay):
        return False
    asked = Asked(world, stay.flow, stay.record, stay)
    if any(check_holds(check, asked, finished=False) for rule in stay.flow.exits for check in rule.checks):
        return False
    reason = refusal(world, stay, had.step)
    if reason is None:
        return True
    if stay.active and not stay.flow.manners.undeliverable_skip:
        leave(world, stay, reason)
    return False  # with `undeliverable skip` the message alone is left out


def _activity(record: Record, value: str) -> None:
    if value in {"Incoming call", "Chat"}:
        record.values["last_contacted_mode"] = value
    record.values["last_activity_type"] = {"Incoming call": "Call"}.get(value, value)


def _by_hand(world: World, record: Record, told: Happening) -> None:
    flow: FlowPlan | None = world.flow(told.sequence or "")
    if flow is None:
        return
    if record.type == "account" and flow.subject == "contact":
        key = record.key.lower()
        for contact in [c for c in world.of("contact") if str(c.values.get("account") or "").lower() == key]:
            _by_hand(world, contact, told)
        return
    if record.type != flow.subject:
        return
    if told.kind == "unenrolled":
        world.requests = [r for r in world.requests if r[:2] != (flow.name, record)]
        for stay in world.stays_in(flow):
            if stay.record is record:
                leave(world, stay, "removed")
    elif world.states.get(flow.name) == "archived":
        return
    elif may_come(world, flow, record, world.now) and not anything_against(world, flow, record):
        world.requests.append((flow.name, record, "", max(told.at, world.since)))


def _properties(text: str) -> dict[str, Value]:
    return dict(json.loads(text)) if text else {}


def parse(world: World, record: Record, field: str, text: str) -> Any:
    """Return the value that a cell stands for; an empty cell is an empty field."""
    found = world.project.catalogue.data.record(record.type)
    spec = found.field(field) if found else None
    if not text or spec is None:
        return text or None
    match spec.type:
        case "number":
            return float(text)
        case "boolean":
            return text == "yes"
        case "date":
            return date.fromisoformat(text)
        case "datetime":
            at = datetime.fromisoformat(text)
            return at.astimezone(UTC) if at.tzinfo else local_instant(at.date(), at.time(), world.project.zone)
        case "set":
            return tuple(part.strip() for part in text.split(";") if part.strip())
        case _:
            return text
