"""One attempt of a step: exits, out of office, late, condition, address and consent, window, pace, limits, in this order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from seqlang.plan.conditions import Span
from seqlang.plan.model import FlowPlan, LimitPlan, StepNode
from seqlang.schedule import (
    add_span,
    is_open,
    local_date,
    local_instant,
    next_open,
    next_window,
    window_start,
    window_zone,
)
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED
from tests.oracle.asking import Asked, holds
from tests.oracle.leaving import leave, leave_if_due
from tests.oracle.statements import write
from tests.oracle.world import Had, OpenQuestionError, Stay, World, age

Outcome = Literal["over", "waits", "left"]
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
DAY = Span(count=1, unit="day")
ENDLESS = 1_000


@dataclass(slots=True)
class Places:
    """Who gets a place of the limits in one run (or one step and pass): settled before its steps."""

    given: set[tuple[int, str]] = field(default_factory=set)  # stay, step
    asked: set[tuple[int, str]] = field(default_factory=set)
    room: dict[tuple[str, str], int] = field(default_factory=dict)


def settle(world: World, wanted: Iterable[tuple[Stay, StepNode, datetime]]) -> Places:
    """Give the places to those who could go now: who has waited longest first, then by entry, created first, e-mail, file."""
    places = Places()
    able = [
        (stay, step, due) for stay, step, due in wanted if _counts(step) and stay.flow.limits and could_go(world, stay, step, due)
    ]
    order = {step.key: n for stay, _, _ in able for n, step in enumerate(stay.flow.steps)}
    for stay, step, _ in sorted(able, key=lambda w: (*waited(w[0], w[2]), order[w[1].key])):
        limits = _limits(stay, step)
        keys = [(limit.name, _scope(limit, stay)) for limit in limits]
        for key, limit in zip(keys, limits, strict=True):
            places.room.setdefault(key, _allowed(world, limit) - _used(world, limit, stay))
        places.asked.add((stay.number, step.key))
        if stay.flow.manners.domain_per_day is not None and not all(places.room[key] > 0 for key in keys):
            raise OpenQuestionError  # whether somebody could go whose domain has room for one of several
        if all(places.room[key] > 0 for key in keys):
            places.given.add((stay.number, step.key))
            for key in keys:
                places.room[key] -= 1
    return places


def waited(stay: Stay, due: datetime) -> tuple[object, ...]:
    """Return the order of places: the day on which the step was due, then entry, created first, e-mail."""
    return local_date(due, stay.flow.zone), stay.entered_at, age(stay.contact or stay.record)


def could_go(world: World, stay: Stay, step: StepNode, due: datetime) -> bool:
    """Tell whether everything but limits lets a step go now; changes nothing."""
    asked = Asked(world, stay.flow, stay.record, stay)
    return (
        not is_held(world, stay)
        and not _is_late(world, stay, step, due)
        and holds(step.when, asked)
        and refusal(world, stay, step) is None
        and _opening(world, stay, step) is None
        and _room(world, stay, step) is None
    )


def attempt(world: World, stay: Stay, step: StepNode, due: datetime, places: Places) -> Outcome:
    """Try a step now; write what came of it."""
    if leave_if_due(world, stay):
        return "left"
    if is_held(world, stay):
        return "waits"
    if _is_late(world, stay, step, due):
        return pass_over(world, stay, step, "skipped", "late")
    if not holds(step.when, Asked(world, stay.flow, stay.record, stay)):
        return pass_over(world, stay, step, "skipped", "condition")
    reason = refusal(world, stay, step)
    if reason == "no_phone" or (reason and stay.flow.manners.undeliverable_skip):
        return pass_over(world, stay, step, "skipped", "no_phone" if reason == "no_phone" else "undeliverable")
    if reason:
        leave(world, stay, reason)
        return "left"
    opens = _opening(world, stay, step)
    if opens is not None:
        return put_off(world, stay, step, "window", opens)
    room = _room(world, stay, step)
    if room is not None:
        # "The next run (after a limit: the first run after its next window begins) chooses anew" (LANGUAGE 5.2).
        anew = stay.flow.kind == "smart"
        return put_off(world, stay, step, "pace", world.now if anew else room)
    limit = _limit_in_the_way(world, stay, step, places)
    if limit is not None:
        return _over_limit(world, stay, step, limit)
    carry_out(world, stay, step)
    return "over"


def pass_over(world: World, stay: Stay, step: StepNode, what: str, why: str) -> Outcome:
    """Go on without a step."""
    stay.had[step.key] = Had(step, world.now, what)
    stay.put_off_at = None
    stay.until.pop(step.key, None)
    world.tell(stay, what, step=step.key, channel=step.channel, why=why)
    return "over"


def put_off(world: World, stay: Stay, step: StepNode, why: str, until: datetime) -> Outcome:
    """Let a step wait until an instant."""
    stay.until[step.key] = until
    stay.opens.discard(step.key)
    stay.put_off_at = stay.put_off_at or world.now
    if why == "window":
        stay.opens.add(step.key)
    world.tell(stay, "deferred", step=step.key, channel=step.channel, why=why)
    return "waits"


def carry_out(world: World, stay: Stay, step: StepNode) -> None:
    """Plan the message, make the to-do or the draft."""
    due = add_span(world.now, step.due, stay.flow.zone, stay.flow.working) if step.due else None
    had = Had(step, world.now, "executed", due_at=due)
    had.draft = step.draft
    had.todo = step.effect == "todo"
    had.message = step.effect == "message" and not step.draft
    stay.had[step.key] = had
    stay.put_off_at = None
    stay.until.pop(step.key, None)
    world.tell(stay, "executed", step=step.key, channel=shown_channel(step))
    world.touch(stay.record)
    if had.message:
        count_message(world, stay, step)


def count_message(world: World, stay: Stay, step: StepNode) -> None:
    """Count a message that is planned or released, and note it on the contact."""
    world.sent.append((world.now, stay, step))
    if stay.contact is not None and step.address is not None:
        stay.contact.values["last_contacted_mode"] = "No reply"
        if step.activity:
            stay.contact.values["last_activity_type"] = step.activity


def shown_channel(step: StepNode) -> str:
    """Return the channel as the timeline shows it: a draft is an e-mail reminder first."""
    return "email_reminder" if step.draft else step.channel


def hold_end(world: World, stay: Stay) -> datetime | None:
    """Return when the flow goes on with a contact that was out of office; None where it was not."""
    until = world.held_until(stay)
    return None if until is None else local_instant(until, datetime.min.time(), stay.flow.zone)


def is_held(world: World, stay: Stay) -> bool:
    """Tell whether the contact is out of office now."""
    end = hold_end(world, stay)
    return end is not None and world.now < end


def refusal(world: World, stay: Stay, step: StepNode) -> str | None:
    """Return why no message may go to the contact's address; None where it may."""
    contact = stay.contact
    if step.address is None:
        return None
    if contact is None:
        return "no_phone" if step.address == "phone" else "invalid_email"
    if step.address == "phone":
        return "no_phone" if contact.stopped or not is_phone(contact.values.get("phone")) else None
    address = str(contact.values.get("email") or "")
    if not is_address(address):
        return "invalid_email"
    if address.lower() in world.bounced:
        return "bounced"
    if contact.unsubscribed:
        return "unsubscribed"
    subscriptions = contact.values.get("subscriptions") or ()
    members = [s.casefold() for s in subscriptions] if isinstance(subscriptions, tuple) else []
    return None if SUBSCRIPTION_MARKETED.casefold() in members else "not_subscribed"


def is_address(text: str) -> bool:
    """Tell whether mail can go there; enough for the addresses that the tests make."""
    local, at, domain = text.partition("@")
    return bool(local and at and "." in domain and " " not in text and "@" not in domain)


def is_phone(value: object) -> bool:
    """Tell whether a text can go there; enough for the numbers that the tests make."""
    text = str(value or "")
    return text.startswith("+") and text[1:].isdigit() and len(text) > 7


def _is_late(world: World, stay: Stay, step: StepNode, due: datetime) -> bool:
    span = stay.flow.manners.late_after
    due = world.now if stay.flow.kind == "smart" else due  # the run chooses anew: what it chooses is due then
    return span is not None and step.effect == "message" and world.clock > add_span(due, span, stay.flow.zone, stay.flow.working)


def _opening(world: World, stay: Stay, step: StepNode) -> datetime | None:
    """Return when the window (for messages also `quiet`) opens; None where it is open."""
    manners = stay.flow.manners
    zone = str(stay.contact.values.get("timezone") or "") if stay.contact else ""
    windows = [w for w in (manners.window, manners.quiet if step.effect == "message" else None) if w is not None]
    at = world.clock
    for _ in range(ENDLESS):
        shut = [w for w in windows if not is_open(w, at, window_zone(w, zone, stay.flow.zone))]
        if not shut:
            return None if at == world.clock else at
        opens = next_open(shut[0], at, window_zone(shut[0], zone, stay.flow.zone))
        if opens is None:
            return NEVER
        at = opens
    return NEVER


def _room(world: World, stay: Stay, step: StepNode) -> datetime | None:
    """Return when the pace has room for one more message to this contact; None where it has."""
    manners = stay.flow.manners
    if step.address is None or step.draft:
        return None
    to_contact = [(at, there) for at, there, what in world.sent if there.contact is stay.contact and what.address is not None]
    own = [at for at, there in to_contact if there.flow.name == stay.flow.name]
    for most, days, sent in (
        (manners.messages, manners.messages_days, own),
        (manners.all_flows_messages_per_week, 7, [at for at, _ in to_contact]),
    ):
        if most is None:
            continue
        span = Span(count=days, unit="day")
        frees = sorted(add_span(at, span, stay.flow.zone) for at in sent)
        busy = [at for at in frees if at > world.now]
        if len(busy) >= most:
            return busy[len(busy) - most]
    if manners.domain_per_day is None:
        return None
    theirs = [at for at, there, what in world.sent if what.address is not None and _domain(there) == _domain(stay)]
    busy = sorted(at for at in (add_span(at, DAY, stay.flow.zone) for at in theirs) if at > world.now)
    return busy[len(busy) - manners.domain_per_day] if len(busy) >= manners.domain_per_day else None


def _domain(stay: Stay) -> str:
    return str(stay.contact.values.get("email") or "").rpartition("@")[2].lower() if stay.contact else ""


def _counts(step: StepNode) -> bool:
    return step.limit is not None and not step.draft and step.address is not None


def _limits(stay: Stay, step: StepNode) -> list[LimitPlan]:
    if not _counts(step):
        return []
    return [
        limit
        for limit in stay.flow.limits
        if limit.what in {"message", step.limit} and (not limit.kinds or stay.flow.kind in limit.kinds)
    ]


def _scope(limit: LimitPlan, stay: Stay) -> str:
    if limit.per == "domain":
        return _domain(stay)
    return str(stay.flow.owner).lower() if limit.per == "user" else limit.per


def _allowed(world: World, limit: LimitPlan) -> int:
    return limit.count * len(list(world.of("contact"))) if limit.per == "contact" else limit.count


def _used(world: World, limit: LimitPlan, stay: Stay) -> int:
    since = window_start(limit.window, world.now, owner_zone(world, stay.flow))
    return sum(
        1
        for at, there, step in world.sent
        if at >= since
        and limit.what in {"message", step.limit}
        and step.address is not None
        and (not limit.kinds or there.flow.kind in limit.kinds)
        and _scope(limit, there) == _scope(limit, stay)
    )


def owner_zone(world: World, flow: FlowPlan) -> str:
    """Return the zone whose days limits count by: the flow owner's, else the flow's."""
    owner = world.find("user", flow.owner) if flow.owner else None
    return str(owner.values.get("timezone") or flow.zone) if owner else flow.zone


def _limit_in_the_way(world: World, stay: Stay, step: StepNode, places: Places) -> LimitPlan | None:
    who = (stay.number, step.key)
    limits = _limits(stay, step)
    if who in places.given or not limits:
        return None
    for limit in limits:
        key = (limit.name, _scope(limit, stay))
        if places.room.setdefault(key, _allowed(world, limit) - _used(world, limit, stay)) <= 0:
            return limit
    if who in places.asked:
        return limits[0]
    for limit in limits:
        places.room[limit.name, _scope(limit, stay)] -= 1
    return None


def _over_limit(world: World, stay: Stay, step: StepNode, limit: LimitPlan) -> Outcome:
    rule = stay.flow.manners.over_limit or limit.over
    following = next_window(limit.window, world.now, owner_zone(world, stay.flow))
    if rule == "skip" or following is None:
        return pass_over(world, stay, step, "skipped", "limit")
    if rule == "fail" or (rule == "retry once" and step.key in stay.until):
        return pass_over(world, stay, step, "failed", "limit")
    return put_off(world, stay, step, "limit", following)


def note_mode(world: World, stay: Stay, mode: str) -> None:
    """Keep `last_contacted_mode`; fields that the engine keeps trigger nothing."""
    if stay.contact is not None:
        changes = len(world.changes)
        write(world, stay.contact, "last_contacted_mode", mode, stay.flow.name)
        del world.changes[changes:]
