"""Names of the project that fit at the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from zoneinfo import available_timezones

from seqlang.editing.analysis import Analysis
from seqlang.editing.context import Context
from seqlang.editing.offers import ItemKind, Proposal
from seqlang.semantics.report import bare
from seqlang.semantics.trials import REASONS
from seqlang.vocabulary.channels import ChannelSpec, OptionSpec
from seqlang.vocabulary.records import FieldSpec

TYPES = ("text", "number", "boolean", "date", "datetime", "choice", "email", "phone", "url", "link")
_FLOWS = ("classic", "smart", "outbound", "cadence", "workflow", "journey")
_TEXT_AFTER: dict[tuple[str, ...], ItemKind] = {
    ("view",): "view", ("in", "view"): "view", ("list",): "list", ("in", "list"): "list", ("to", "list"): "list",
    ("from", "list"): "list", ("event",): "event", ("calendar",): "calendar", ("in", "sequence"): "flow",
    ("enroll", "in"): "flow", ("move", "to"): "flow", ("remove", "from"): "flow", ("entered",): "flow", ("exited",): "flow",
    ("owner",): "user", ("assign",): "user", ("robin", "["): "user", ("timezone",): "zone", ("tagged",): "tag",
    ("untag",): "tag", ("tag",): "tag", ("takes",): "side",
}  # fmt: skip
_OF_PEOPLE = frozenset(
    {"replied", "opened", "clicked", "bounced", "reported", "released", "did", "set", "takes", "is"}
)  # in tests
_STEP_FACTS = ("opened", "clicked", "replied", "bounced", "sent", "done", "overdue", "outcome")


def _item(label: str, kind: ItemKind, detail: str = "", text: str = "", insert: str = "") -> Proposal:
    return Proposal(label, kind, detail, text, insert)


# ------------------------------------------------------------------------------------------- in a text


def texts_at(analysis: Analysis, at: Context) -> Iterator[Proposal]:
    """Yield what a text may say: a name, a choice, a zone, a template; within `{{ … }}` a path."""
    if at.placeholder is not None:
        yield from _placeholder(analysis, at, at.placeholder)
        return
    before = at.before
    for words, kind in _TEXT_AFTER.items():
        if before[-len(words) :] == words and not (kind == "list" and len(before) == 1 and not at.blocks):
            yield from _named(analysis, kind)
            return
    if len(before) == 1 and before[0] in {"sequence", "cadence", "workflow", "journey"} and at.head("test"):
        yield from _named(analysis, "flow")
    elif before[-1:] == ("in",) or before[-1:] == ("else",):
        yield from _named(analysis, "zone")
    elif (option := _option(analysis, at)) is not None:
        yield from _option_texts(analysis, option)
    else:
        yield from _choices(analysis, at)


def _named(analysis: Analysis, kind: ItemKind) -> Iterator[Proposal]:
    names = analysis.names
    if kind == "user":
        people = {user.email: " ".join(filter(None, (user.first_name, user.last_name))) for user in analysis.text.settings.users}
        yield from (_item(email, "user", name) for email, name in people.items())
    elif kind == "zone":
        yield from (_item(zone, "zone") for zone in _zones())
    elif kind == "flow":
        yield from (_item(name, "flow", flow.node.kind) for name, flow in names.flows.items())
    elif kind == "view":
        yield from (_item(name, "view", f"of {view.node.record.text}") for name, view in names.views.items())
    elif kind == "list":
        yield from (_item(name, "list", f"of {one.node.record.text}") for name, one in names.lists.items())
    elif kind == "event":
        yield from (_item(name, "event", ", ".join(p.name for p in e.properties)) for name, e in names.events.items())
    elif kind == "calendar":
        yield from (_item(name, "calendar") for name in names.calendars)


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("posix", "right", "Etc"))))


def _option(analysis: Analysis, at: Context) -> OptionSpec | None:
    """Return the option of a channel whose value stands at the cursor, by itself or within a `choose`."""
    head = at.blocks[-1].head if at.blocks else ()
    if head[1:] == (":", "choose"):
        around = _channel(analysis, at, depth=2)
        return around.option(head[0]) if around is not None and "when" not in at.before else None
    channel = _channel(analysis, at)
    if channel is None or len(at.before) < 2 or ":" not in at.before:
        return None
    return channel.option(at.before[at.before.index(":") - 1])


def _channel(analysis: Analysis, at: Context, depth: int = 1) -> ChannelSpec | None:
    """Return the channel of the step in whose braces the cursor stands (`depth` 2: in the ones around those it stands in)."""
    head = at.blocks[-depth].head if len(at.blocks) >= depth else ()
    if head[:1] != ("step",) or ":" not in head or head.index(":") + 1 >= len(head):
        return None
    return analysis.text.words.channel(head[head.index(":") + 1])


def _option_texts(analysis: Analysis, option: OptionSpec) -> Iterator[Proposal]:
    if option.type == "template":
        yield from (_item(name, "template") for name in analysis.text.templates)
    elif option.type in {"user", "address", "addresses"}:
        yield from _named(analysis, "user")
    elif option.type in {"word", "words"}:
        yield from (_item(word, "value") for word in option.words)


def _choices(analysis: Analysis, at: Context) -> Iterator[Proposal]:
    """Yield the choices of the field that a text is compared with, or set to; the outcomes of a to-do."""
    before = list(at.before)
    while before and before[-1] not in {"=", "!=", "in", "to", "default"}:
        before.pop()
    left = before[:-1]
    if left[-1:] == ["not"]:
        left.pop()
    if left[-1:] == [")"] and "outcome" in left:
        step = left[-2]
        yield from (_item(word, "value") for word in _outcomes(analysis, at, step))
        return
    path: list[str] = []
    while left and (not path or left[-1] == "." or path[-1] == "."):
        path.append(left.pop())
    names = [name.strip("`") for name in reversed(path) if name != "."]
    field = _field(analysis, at, names)
    if field is not None:
        yield from (_item(choice, "value", field.name) for choice in field.choices)
        if field.name == "timezone":
            yield from _named(analysis, "zone")


def _outcomes(analysis: Analysis, at: Context, step: str) -> tuple[str, ...]:
    from seqlang.semantics.options import declared_outcomes

    node = analysis.steps(_flow_name(at)).get(step)
    channel = analysis.text.words.channel(node.channel.text) if node is not None else None
    return declared_outcomes(node, channel) if node is not None and channel is not None else ()


# ------------------------------------------------------------------------------------------ bare names


def names_at(analysis: Analysis, at: Context, text: str) -> Iterator[Proposal]:
    """Yield bare names: fields, steps, channels, options, records, types, people of a test."""
    before = at.before
    channel = _channel(analysis, at)
    if channel is not None and not before:
        yield from _options(channel)
    elif before[:1] == ("step",) and before[-1:] == (":",) and len(before) == 3:
        yield from (_item(c.word, "channel", c.effect, c.help) for c in analysis.text.words.channels)
    elif before[-1:] == (".",):
        yield from _members(analysis, at)
    elif len(before) >= 2 and before[-1] == "(" and before[-2] in _STEP_FACTS:
        yield from _steps(analysis, at)
    elif before[:1] == ("step",) and before[-1:] == ("after",) and len(before) > 5:  # `3 days after hello`
        yield from _steps(analysis, at)
        yield from _fields(analysis, at)
    elif before[-2:] == ("count", "("):
        yield from (_item(name, "record") for name in analysis.names.records if name not in {"user", _record(at)})
    elif before[-1:] in {("for",), ("of",), ("link",), ("record",)} and "NAME" in at.accepted and "change" not in before:
        yield from (_item(name, "record") for name in analysis.names.records if name != "user")
    elif at.head("record", "event") and len(before) == 1:
        yield from (_item(name, "type") for name in TYPES)
    elif channel is not None and (option := _option(analysis, at)) is not None:
        yield from _option_words(analysis, option, at)
    elif (closed := _closed(before)) is not None:
        yield from (_item(word, "value") for word in closed)
    elif at.head("test") and "NAME" in at.accepted:
        yield from _of_tests(analysis, at, text)
    elif "NAME" in at.accepted:
        yield from _fields(analysis, at)


def _options(channel: ChannelSpec) -> Iterator[Proposal]:
    for option in channel.options:
        needed = "required" if option.required or any(option.name in group for group in channel.one_of) else option.type
        yield _item(option.name, "option", needed, option.help, f"{option.name}: ")


def _option_words(analysis: Analysis, option: OptionSpec, at: Context) -> Iterator[Proposal]:
    yield from (_item(word, "value", option.name) for word in option.words)
    if option.type == "boolean":
        yield from (_item(word, "value") for word in ("yes", "no"))
    elif option.type == "step":
        yield from _steps(analysis, at)
    elif option.type in {"user", "address", "addresses"}:
        yield _item("owner", "value", "the flow's owner")
        yield from _fields(analysis, at)


def _closed(before: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the words that may stand at a place with a closed list of names."""
    if before == ("over", "limit"):
        return ("defer", "skip", "fail")
    if before == ("undeliverable",):
        return ("skip",)
    if before[-2:] == ("winner", "by"):
        return ("opened", "clicked", "replied", "goal")
    if before[-1:] == ("because",):
        return REASONS
    return None


def _steps(analysis: Analysis, at: Context) -> Iterator[Proposal]:
    for name, step in analysis.steps(_flow_name(at)).items():
        yield _item(bare(name), "step", step.channel.text)


def _flow_name(at: Context) -> str:
    head = at.head(*_FLOWS)
    return next((word[1:-1] for word in head if word.startswith('"')), "") if head is not None else ""


def _record(at: Context) -> str:
    """Return whose fields stand bare at the cursor."""
    for place in range(len(at.before) - 1, 0, -1):
        if at.before[place] == "with" and at.before[place:].count("(") == at.before[place:].count(")") + 1:
            name = at.before[place - 1]
            return f"event:{name[1:-1]}" if name.startswith('"') else name
    if len(at.before) >= 2 and at.before[-1] == "with":
        name = at.before[-2]
        return f"event:{name[1:-1]}" if name.startswith('"') else name
    if at.before[:1] == ("view",) and "of" in at.before:
        return at.before[at.before.index("of") + 1] if len(at.before) > at.before.index("of") + 1 else "contact"
    head = at.head(*_FLOWS)
    if head is not None and "for" in head and head.index("for") + 1 < len(head):
        return head[head.index("for") + 1]
    return "contact"


def _fields(analysis: Analysis, at: Context) -> Iterator[Proposal]:
    """Yield the fields that stand bare here, the records that can be reached, and constants."""
    record, names = _record(at), analysis.names
    if record.startswith("event:"):
        spec = names.events.get(record.removeprefix("event:"))
        yield from (_item(bare(p.name), "field", p.type) for p in (spec.properties if spec is not None else ()))
        return
    yield from (_field_item(field, record) for field in names.fields.get(record, {}).values())
    for name in names.records:
        if name not in {record, "user"} and name not in names.fields.get(record, {}):
            yield _item(name, "record", "of the contact" if record == "contact" else "")
    yield from (_item(bare(name), "constant") for name in names.lets)


def _field_item(field: FieldSpec, record: str) -> Proposal:
    kind = f"link {field.link}" if field.link is not None else field.type
    text = f"One of {', '.join(f'`{choice}`' for choice in field.choices)}." if field.choices else ""
    return _item(bare(field.name), "field", f"{kind} of {record}", text)


def _members(analysis: Analysis, at: Context) -> Iterator[Proposal]:
    """Yield the fields behind a dot."""
    left = list(at.before[:-1])
    path: list[str] = []
    while left and (not path or path[-1] == "." or left[-1] == "."):
        path.append(left.pop())
    names = [name.strip("`") for name in reversed(path) if name != "."]
    record = _leads(analysis, _record(at), names)
    yield from (_field_item(field, record or "") for field in _all(analysis, record or ""))


def _all(analysis: Analysis, record: str) -> Iterator[FieldSpec]:
    yield from analysis.names.fields.get(record, {}).values()


def _leads(analysis: Analysis, record: str, names: list[str]) -> str | None:
    """Return the record that a path of links leads to."""
    here = record
    for name in names:
        field = analysis.names.fields.get(here, {}).get(name)
        if field is not None and field.link is not None:
            here = field.link
        elif field is None and name in analysis.names.records:
            here = name
        else:
            return None
    return here


def _field(analysis: Analysis, at: Context, names: list[str]) -> FieldSpec | None:
    record = _leads(analysis, _record(at), names[:-1]) if names else None
    return analysis.names.fields.get(record, {}).get(names[-1]) if record is not None else None


def _of_tests(analysis: Analysis, at: Context, text: str) -> Iterator[Proposal]:
    """Yield the people of a test and the steps of its flows; in the braces of a record its fields."""
    import re

    head = at.blocks[-1].head if at.blocks else ()
    if head[:1] != ("test",) and len(head) == 2:
        if ":" not in at.before:
            fields = analysis.names.fields.get(head[0], {}).values()
            yield from (_item(bare(f.name), "field", f.type, insert=f"{bare(f.name)}: ") for f in fields)
        return
    start = max((found.start() for found in re.finditer(r"^test\b", text[: at.replace.start], re.MULTILINE)), default=0)
    block = text[start : at.replace.start]
    last = at.before[-1] if at.before else ""
    said, expects = not _OF_PEOPLE.isdisjoint(at.before), "expect" in at.before
    if (
        last in {"", "expect"}
        or (last == "to" and expects)
        or (at.before[0] in {"on", "after", "at"} and not said and not expects)
    ):
        yield from (_item(name, "who") for name in re.findall(r"^\s*(?:contact|account|deal) (\w+) \{", block, re.MULTILINE))
    if last not in {"", "on"} and not (last == "to" and expects) and (said or expects):
        for flow in re.findall(r'^\s*(?:sequence|cadence|workflow|journey) "([^"\n]+)"', block, re.MULTILINE):
            yield from (_item(bare(name), "step", step.channel.text) for name, step in analysis.steps(flow).items())


# ---------------------------------------------------------------------------------------- placeholders


def _placeholder(analysis: Analysis, at: Context, names: tuple[str, ...]) -> Iterator[Proposal]:
    from seqlang.semantics.placeholders import SCALARS, SENDER

    if len(names) == 1:
        head = at.head(*_FLOWS)
        deal = head is None or "deal" in head
        yield from (_item(name, "record") for name in ("contact", "account", "owner", "sender", *(["deal"] if deal else [])))
        yield from (_item(name, "value") for name in SCALARS)
    elif names[0] == "sender":
        yield from (_item(name, "field") for name in SENDER)
    else:
        record = _leads(analysis, "user" if names[0] == "owner" else names[0], list(names[1:-1]))
        yield from (_field_item(field, record or "") for field in _all(analysis, record or ""))
