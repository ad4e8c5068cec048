"""Makes the message of a claimed effect: options rendered, sender and mailbox chosen, thread and subject settled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from seqlang.dispatch.asked import walk
from seqlang.dispatch.box_manners import Box
from seqlang.dispatch.boxes import bare_address, find_boxes
from seqlang.dispatch.drafts import Draft, with_draft
from seqlang.dispatch.links import Links
from seqlang.dispatch.records import Effect, Prepared, StepOfFlow
from seqlang.dispatch.render import Renderer, RenderError
from seqlang.dispatch.steps import nested
from seqlang.dispatch.threads import Before
from seqlang.plan import conditions as c
from seqlang.schedule import local_date
from seqlang.sdk.messages import Attachment, Body, Message, Person, Thread
from seqlang.vocabulary.channels import ChannelSpec
from seqlang.vocabulary.settings import ProjectSettings

UNITS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks", "working day": "days"}
THREADED = "reply_to_step"


class NoMailboxError(Exception):
    """The project has no mailbox that this message could leave from."""


@dataclass(frozen=True, slots=True)
class Desk:
    """All that composing needs beside the effect; nothing of it asks the database."""

    settings: ProjectSettings
    channels: Mapping[str, ChannelSpec]
    renderer: Renderer
    contents: Mapping[str, bytes]  # by SHA-256: those of the steps in hand
    people: Mapping[str, Mapping[str, Any]]  # address, lower case -> a colleague's fields, links followed
    links: Links | None = None  # addresses to unsubscribe, and those that tell of openings and clicks
    sheets: dict[int, Sheet] = field(default_factory=dict)  # filled: by step
    pages: dict[int, bool] = field(default_factory=dict)  # filled: content -> whether it is a template
    boxes: dict[tuple[int, str | None], tuple[Box, ...]] = field(default_factory=dict)  # filled: step and `from` -> mailboxes
    rooms: dict[str, int | None] = field(default_factory=dict)  # mailbox -> how many may leave; None, or not there: any number
    empties: set[tuple[str, ...]] = field(default_factory=set)  # filled: step, flow, placeholders that were empty there
    drafts: Mapping[int, Draft] = field(default_factory=dict)  # enrolment -> what a person made of its draft
    known: dict[str, Person] = field(default_factory=dict)  # filled: address -> that colleague
    senders: dict[tuple[str, int], tuple[Person, dict[str, str]]] = field(default_factory=dict)  # filled: by mailbox, step


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is the same for all messages of a step."""

    options: Mapping[str, c.PlanValue]
    numbers: Mapping[int, int]  # of its asked values, by their identity
    same: Mapping[str, Any]  # its options, rendered; those that differ by recipient are empty
    differing: tuple[tuple[str, c.PlanValue], ...]
    titled: bool  # the channel's messages have a subject
    owner: Person | None  # of the flow
    owner_fields: Mapping[str, Any]
    roots: tuple[tuple[str, str, str], ...] | None  # path, record and field of each placeholder; None: some go through links


def compose(desk: Desk, effect: Effect, before: Before | None, now: datetime) -> Prepared:
    """Make the message. RenderError: it cannot be made for this recipient; NoMailboxError: nothing to send it from."""
    of, spec, sheet = effect.of, channel_of(desk, effect.of), sheet_of(desk, effect)
    data = base_data(desk, effect, now)
    named = plain_option(desk, effect, "from", data)
    box = box_of(desk, of, spec, str(named) if named else None, before)
    if box is None:
        whose = f"`{named}`, `{of.owner}` or the default" if named else f"`{of.owner}` or the default"
        raise NoMailboxError(f"there is no mailbox of {whose} for the channel `{spec.mailbox_of or spec.word}`")
    sender, shown = _sender_shown(desk, box, of)
    data["sender"] = shown
    links = desk.links if is_to_contact(desk, effect, data) else None
    unsubscribe = links.unsubscribe(effect) if links is not None else None
    data["unsubscribe_url"] = unsubscribe or f"mailto:{bare_address(str(named)) if named else sender.email}?subject=unsubscribe"
    desk.renderer.empty = False
    options = rendered_options(desk, effect, data)
    if desk.renderer.empty:
        note_empty(desk, effect)
    draft = desk.drafts.get(effect.id)
    if draft is not None:
        options = with_draft(options, draft)
    if sheet.titled:
        options["subject"] = subject_of(options, before)
    message = Message(
        key=effect.key, word=spec.word, to="" if options.get("to") else effect.address or "", options=options, at=now,
        planned_at=effect.at, flow=of.flow, step=of.step.key, owner=sheet.owner, sender=sender,
        message_id=message_id(effect, options, box, sender, spec),
        thread=Thread(before.message_id, before.references, before.subject) if before is not None else None,
        unsubscribe_url=unsubscribe, tracking=links.tracking(effect, options.get("track")) if links is not None else None,
        contact=data.get("contact", {}), record=data.get(of.plan.subject, {}), record_type=of.plan.subject,
    )
    thread_id = before.thread_id if before is not None else message.message_id
    return Prepared(effect, message, box.settings, box.name, thread_id, recipient_of(message))


def is_to_contact(desk: Desk, effect: Effect, data: Mapping[str, Any]) -> bool:
    """Tell whether the message goes to the contact: what a colleague opens or clicks is nothing that the contact did."""
    if effect.contact_id is None or channel_of(desk, effect.of).colleagues:
        return False
    to = plain_option(desk, effect, "to", data)
    return not to or (effect.address is not None and to in (effect.address, (effect.address,)))


def box_of(desk: Desk, of: StepOfFlow, spec: ChannelSpec, named: str | None, before: Before | None) -> Box | None:
    """Return the mailbox: that of the thread, else the first that still has room; they are looked for once for each step.

    One that is blocked has no successor: going on from elsewhere with what is refused there would make it worse.
    """
    key = (id(of), named)
    if key not in desk.boxes:
        desk.boxes[key] = find_boxes(spec, desk.settings, of.plan.kind, of.owner, named)
    boxes = desk.boxes[key]
    if len(boxes) < 2:
        return boxes[0] if boxes else None
    thread = before.mailbox if before is not None else None
    chosen = next((box for box in boxes if box.name == thread), None)
    chosen = chosen or next((box for box in boxes if desk.rooms.get(box.name) != 0), boxes[0])
    left = desk.rooms.get(chosen.name)
    if left is not None and left > 0:
        desk.rooms[chosen.name] = left - 1
    return chosen


def note_empty(desk: Desk, effect: Effect) -> None:
    """Note which placeholders were empty for this recipient."""
    blank = [path for path, value in effect.values.items() if value in (None, "", ())]
    desk.empties.add((effect.of.step.key, effect.of.flow, *blank))


def told_empty(desk: Desk) -> list[str]:
    """Return what people should know of empty placeholders (LANGUAGE 6), in order."""
    told = []
    for step, flow, *blank in desk.empties:
        names = ", ".join(f"`{path}`" for path in sorted(blank)) or "a placeholder"
        told.append(f"the step `{step}` of `{flow}`: {names} is empty for some: give it a default")
    return sorted(told)


def channel_of(desk: Desk, of: StepOfFlow) -> ChannelSpec:
    """Return the channel of a step; RenderError where no plugin brings it any more."""
    spec = desk.channels.get(of.step.channel)
    if spec is None:
        raise RenderError(f"no plugin brings the channel `{of.step.channel}`")
    return spec


def base_data(desk: Desk, effect: Effect, now: datetime) -> dict[str, Any]:
    """Return what templates see: the record's fields, the flow's owner, today."""
    sheet = sheet_of(desk, effect)
    data = nested(effect.values) if sheet.roots is None else _shallow(effect.values, sheet.roots)
    data["owner"] = sheet.owner_fields
    data["today"] = _today(now, effect.of.plan.zone)
    return data


def _shallow(values: Mapping[str, Any], roots: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    """Return what `nested` does, faster: nearly all placeholders name a field of a record."""
    data: dict[str, Any] = {}
    for path, record, name in roots:
        found = data.get(record)
        if found is None:
            found = data[record] = {}
        found[name] = values[path]
    return data


@lru_cache(maxsize=64)  # messages of a batch have one instant
def _today(now: datetime, zone: str) -> date:
    return local_date(now, zone)


def rendered_options(desk: Desk, effect: Effect, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return all options of the step, rendered."""
    sheet = sheet_of(desk, effect)
    options = dict(sheet.same)
    for name, value in sheet.differing:
        options[name] = _value(desk, effect, value, data, sheet.numbers)
    return options


def plain_option(desk: Desk, effect: Effect, name: str, data: Mapping[str, Any]) -> Any:
    """Return one option, rendered; None where it is not given."""
    sheet = sheet_of(desk, effect)
    value = sheet.options.get(name)
    return None if value is None else _value(desk, effect, value, data, sheet.numbers)


def sheet_of(desk: Desk, effect: Effect) -> Sheet:
    """Return what is the same for all messages of the effect's step; put together once."""
    of = effect.of
    found = desk.sheets.get(id(of))
    if found is None:
        options = dict(of.step.options)
        parts = [(path, path.split(".")) for path in effect.values]
        found = desk.sheets[id(of)] = Sheet(
            options, {id(value): number for number, value in walk(of.step)},
            {name: _value(desk, effect, value, {}, {}) if _is_same(value) else None for name, value in options.items()},
            tuple((name, value) for name, value in options.items() if not _is_same(value)),
            channel_of(desk, of).option("subject") is not None, owner_of(desk, of), desk.people.get(of.owner or "", {}),
            tuple((path, way[0], way[1]) for path, way in parts) if all(len(way) == 2 for _, way in parts) else None,
        )
    return found


def _is_same(value: c.PlanValue) -> bool:
    """Tell whether a value is the same for all recipients of a step."""
    if isinstance(value, c.ListValue):
        return all(_is_same(item) for item in value.items)
    return isinstance(value, c.Literal_ | c.Word | c.StepRef | c.FlowOwner | c.SpanValue)


def _value(  # noqa: PLR0911  one line a kind of value
    desk: Desk, effect: Effect, value: c.PlanValue, data: Mapping[str, Any], numbers: Mapping[int, int]
) -> Any:
    match value:
        case c.Literal_():
            return value.value
        case c.Template():
            return desk.renderer.text(value.source, data, effect.of.plan.zone)
        case c.Word():
            return value.word
        case c.StepRef():
            return value.step
        case c.FlowOwner():
            return effect.of.owner
        case c.SpanValue():
            return timedelta(**{UNITS[value.span.unit]: value.span.count})
        case c.Content():
            return _content(desk, effect, value, data)
        case c.ListValue():
            return tuple(_value(desk, effect, item, data, numbers) for item in value.items)
        case c.ObjectValue():
            return {name: _value(desk, effect, item, data, numbers) for name, item in value.items}
        case c.Choose():
            case = effect.options.get(numbers[id(value)])
            return None if case is None else _value(desk, effect, value.cases[case].value, data, numbers)
        case c.Today():
            return data["today"]
        case c.Now():
            return effect.at
        case _:
            return effect.options.get(numbers[id(value)])


def _content(desk: Desk, effect: Effect, value: c.Content, data: Mapping[str, Any]) -> Body | Attachment:
    """Return a template rendered, or a file as it is: the option says which."""
    content = desk.contents.get(value.sha256)
    if content is None:
        raise RenderError(f"the database has no `{value.name}`: `seqlang apply` brings the project's files")
    spec = channel_of(desk, effect.of)
    options = sheet_of(desk, effect).options
    if id(value) not in desk.pages:
        desk.pages[id(value)] = any(o.type == "template" and _holds(options.get(o.name), value) for o in spec.options)
    if desk.pages[id(value)]:
        # Only the subject is asked of the front matter, and where the step has one it need not be made.
        matter = not isinstance(options.get("subject"), c.Template | c.Literal_)
        return desk.renderer.page(value.name, value.sha256, content, data, effect.of.plan.zone, matter=matter)
    return Attachment(value.name, content)


def _holds(option: c.PlanValue | None, value: c.Content) -> bool:
    if isinstance(option, c.Choose):
        return any(_holds(arm.value, value) for arm in option.cases)
    return option is value


def subject_of(options: Mapping[str, Any], before: Before | None) -> str:
    """Return the subject: the step's own, else the template's, else that of the thread (LANGUAGE 6). RenderError: none."""
    given = str(options.get("subject") or "").strip()
    template = options.get("template")
    if not given and isinstance(template, Body):
        given = (template.matter.get("subject") or template.matter.get("title") or "").strip()
    if not given and before is not None:
        told = before.subject.strip()
        given = told if told.lower().startswith("re:") else f"Re: {told}"
    if not given:
        raise RenderError("the message has no subject")
    return given


def _sender_shown(desk: Desk, box: Box, of: StepOfFlow) -> tuple[Person, dict[str, str]]:
    """Return the sender, and what templates see of it; looked up once for each mailbox and step."""
    key = (box.name, id(of))
    found = desk.senders.get(key)
    if found is None:
        one = sender_of(desk, box, of)
        shown = {"email": one.email, "first_name": one.first_name, "last_name": one.last_name, "name": one.name}
        found = desk.senders[key] = (one, shown)
    return found


def sender_of(desk: Desk, box: Box, of: StepOfFlow) -> Person:
    """Return whose mailbox it is; of the organisation's default what its settings say, else the flow's owner."""
    if "@" in box.settings.name:
        mine = person(desk, box.settings.name)
        whose = person(desk, str(box.settings.get("user") or ""))
        return mine if mine.name else Person(box.settings.name, whose.first_name, whose.last_name)
    named = box.settings.get("from")
    if isinstance(named, str) and named.strip():
        return Person(bare_address(named), _name_before(named))
    return owner_of(desk, of) or Person("")


def _name_before(named: str) -> str:
    """Return the name of "Kim Doe <kim@example.com>", without the quotes that stand around all of it."""
    name = named.rpartition("<")[0].strip()
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', name)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted is not None else name


def owner_of(desk: Desk, of: StepOfFlow) -> Person | None:
    """Return the flow's owner."""
    return person(desk, of.owner) if of.owner else None


def person(desk: Desk, address: str) -> Person:
    """Return a colleague, with the name that is known."""
    found = desk.known.get(address)
    if found is None:
        fields = desk.people.get(address.lower(), {})
        names = (str(fields.get("first_name") or ""), str(fields.get("last_name") or ""))
        found = desk.known[address] = Person(str(fields.get("email") or address), *names)
    return found


def message_id(effect: Effect, options: Mapping[str, Any], box: Box, sender: Person, spec: ChannelSpec) -> str | None:
    """Return the Message-ID: the same at every attempt, known before the message goes, so that answers find their way."""
    if spec.address == "phone" or not (spec.thread or spec.colleagues):
        return None
    address = str(options.get("from") or box.settings.get("from") or sender.email)
    return f"<{effect.key}@{_domain(address)}>"


@lru_cache(maxsize=256)  # the senders of a project
def _domain(address: str) -> str:
    domain = bare_address(address).rpartition("@")[2]
    safe = domain.encode("idna", "ignore").decode("ascii") if domain and not domain.isascii() else domain
    return safe or "seqlang.invalid"


def recipient_of(message: Message) -> str | None:
    """Return where the message goes, for people and for what comes back."""
    to = message.options.get("to") or message.to or message.options.get("url")
    if isinstance(to, tuple | list):
        return ", ".join(str(item) for item in to)
    return str(to) if to else None
