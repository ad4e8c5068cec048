"""What happened, in plain Python: whose an event is, facts of an enrolment, lists and flows."""

from __future__ import annotations

from datetime import datetime

from seqlang.plan import conditions as c
from tests.predicates.plain_time import exact
from tests.predicates.plain_world import Asked, Done, Happened


def about(event: Happened, who: Asked) -> bool:
    own = event.record == who.record and event.record_id == who.id
    if who.record == "account":
        people = {i for i, r in who.world.records["contact"].items() if r.get("account") == who.id}
        return own or event.contact_id in people
    if who.record == "contact":
        return event.contact_id == who.id
    return own or (who.contact_id is not None and event.contact_id == who.contact_id)


def since_entry(event: Happened, who: Asked) -> bool:
    """Tell whether it came after the entry; of the entry's very instant: whether it arrived after the event that caused it."""
    if who.stay is None or event.at < who.stay.entered_at:
        return False
    if event.at > who.stay.entered_at:
        return True
    return who.stay.cause_event_id is not None and event.id > who.stay.cause_event_id


def fact(item: c.Fact, who: Asked) -> bool:
    if who.stay is None:
        return False
    since = None if item.last is None else who.at - exact(item.last)
    if item.fact in ("sent", "overdue"):
        return any(_effect(item, d, since, who) for d in who.world.done if d.enrolment_id == who.stay.id)
    return any(
        _proof(item, e) and e.at <= who.at and (since is None or e.at >= since)
        for e in who.world.happened
        if e.enrolment_id == who.stay.id and (item.step is None or e.step == item.step)
    )


def _effect(item: c.Fact, done: Done, since: datetime | None, who: Asked) -> bool:
    if (item.step is not None and done.step != item.step) or done.state in ("cancelled", "rejected"):
        return False
    if item.fact == "sent":
        kinds = ("message",) if item.step is None else ("message", "call_out")
        return done.effect in kinds and done.at <= who.at and (since is None or done.at >= since)
    reported = any(
        e.kind in ("completed", "released") and e.step == done.step and e.enrolment_id == done.enrolment_id and e.at <= who.at
        for e in who.world.happened
    )
    return done.due_at is not None and done.due_at < who.at and not reported and (since is None or done.due_at >= since)


def _proof(item: c.Fact, event: Happened) -> bool:
    person = not event.machine and not event.soft and not event.out_of_office
    match item.fact:
        case "opened":
            return event.kind in ("opened", "clicked", "replied") and person
        case "clicked":
            return event.kind == "clicked" and person and (item.url is None or (event.name or "").startswith(item.url))
        case "done":
            return event.kind in ("completed", "released")
        case kind:
            return event.kind == kind and person


def outcome(item: c.Outcome, who: Asked) -> bool:
    reports = [
        e
        for e in who.world.happened
        if who.stay is not None
        and e.enrolment_id == who.stay.id
        and e.kind == "completed"
        and e.step == item.step
        and e.at <= who.at
    ]
    return bool(reports) and min(reports, key=lambda e: e.id).name in item.values


def account_replied(_item: c.AccountReplied, who: Asked) -> bool:
    people = who.world.records["contact"]
    account = who.id if who.record == "account" else people[who.contact_id].get("account") if who.contact_id else None
    same = {i for i, r in people.items() if account is not None and r.get("account") == account}
    if who.record != "account" and who.contact_id is not None:
        same.add(who.contact_id)
    return any(
        e.kind == "replied" and not e.out_of_office and e.contact_id in same and e.at <= who.at and since_entry(e, who)
        for e in who.world.happened
    )


def belonging(record: str, who: Asked) -> set[int]:
    """Return the records of that type that belong to the one asked of."""
    if record == who.record:
        return {who.id}
    row = who.world.records[who.record][who.id]
    if record in row or (record == "contact" and who.contact_id is not None):
        found = row.get(record) if record in row else who.contact_id
        return set() if found is None else {found}
    return {i for i, r in who.world.records[record].items() if r.get(who.record) == who.id}


def in_list(item: c.InList, who: Asked) -> bool:
    if item.list not in who.world.lists:
        return False
    record, members = who.world.lists[item.list]
    return bool(belonging(record, who) & members)


def in_flow(item: c.InFlow, who: Asked) -> bool:
    return any(
        s.flow == item.flow and (item.was or s.active) and s.record_id in belonging(s.record, who) for s in who.world.stays
    )
