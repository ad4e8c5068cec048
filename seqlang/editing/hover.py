"""What is to be said of the word under the cursor: a declaration, an option's help, when a step comes, what a word means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seqlang.diagnostics.source import Source, Span
from seqlang.editing.analysis import Analysis
from seqlang.editing.forecast import expected
from seqlang.editing.occurrences import at
from seqlang.editing.symbols import Occurrence
from seqlang.frozen import Record
from seqlang.semantics.declared import Declared
from seqlang.syntax import tree
from seqlang.vocabulary.records import FieldSpec
from seqlang.vocabulary.words import meanings

_WORD = re.compile(r"[A-Za-z_]\w*")
LINES_MAX = 14  # of a declaration or a template


class Hover(Record):
    """A text, and what it is of."""

    text: str  # Markdown
    span: Span


def hover(analysis: Analysis, path: str, offset: int, now: datetime) -> Hover | None:
    """Return what is to be said at an offset, for somebody who looks at the instant `now`; None: nothing."""
    source = analysis.source(path)
    if source is None:
        return None
    found = at(analysis, path, offset)
    if found is not None:
        text = _named(analysis, found, now)
        if text:
            return Hover(text, found.span)
    return _word(source, offset) if path.endswith(".seq") else None


def _word(source: Source, offset: int) -> Hover | None:
    line = source.text.rfind("\n", 0, offset) + 1
    for word in _WORD.finditer(source.text, line, min(len(source.text), offset + 60)):
        if word.start() <= offset <= word.end():
            before = source.text[line : word.start()]
            if before.count('"') % 2 or "#" in before or word[0] not in meanings():
                return None
            meaning = meanings()[word[0]]
            example = f"\n\n```seq\n{meaning.example}\n```" if meaning.example else ""
            return Hover(f"**{word[0]}**\n\n{meaning.text}{example}", Span(word.start(), word.end()))
    return None


def _named(analysis: Analysis, found: Occurrence, now: datetime) -> str:  # one line a kind
    symbol, names = found.symbol, analysis.names
    match symbol.kind:
        case "field":
            field = names.fields.get(symbol.holder, {}).get(symbol.name)
            return _field(field, f"of {symbol.holder}") if field is not None else ""
        case "property":
            event = names.events.get(symbol.holder)
            field = next((p for p in event.properties if p.name == symbol.name), None) if event is not None else None
            return _field(field, f"of the event `{symbol.holder}`") if field is not None else ""
        case "step":
            return _step(analysis, symbol.holder, symbol.name, now)
        case "channel":
            channel = analysis.text.words.channel(symbol.name)
            options = ", ".join(f"`{o.name}`" for o in channel.options) if channel is not None else ""
            return f"**{channel.word}**\n\n{channel.help}\n\nOptions: {options}" if channel is not None else ""
        case "option":
            channel = analysis.text.words.channel(symbol.holder)
            option = channel.option(symbol.name) if channel is not None else None
            if option is None:
                return ""
            words = f" ({', '.join(option.words)})" if option.words else ""
            return f"**{option.name}**: {option.type}{words}{', required' if option.required else ''}\n\n{option.help}"
        case "record":
            fields = names.fields.get(symbol.name, {})
            return f"**record {symbol.name}**\n\n{', '.join(f'`{name}`' for name in fields)}" if fields else ""
        case "template":
            text = analysis.text.templates.get(symbol.name)
            return f"`templates/{symbol.name}`\n\n```html\n{_shortened(text)}\n```" if text is not None else ""
        case "view" | "list" | "calendar" | "event" | "constant" | "flow":
            return _declared(analysis, found, now)
        case _:
            return ""


def _field(field: FieldSpec, holder: str) -> str:
    kind = f"link {field.link}" if field.link else field.type
    lines = [f"**{field.name}**: {kind} {holder}"]
    if field.choices:
        lines.append("One of " + ", ".join(f"`{choice}`" for choice in field.choices) + ".")
    if field.default is not None:
        lines.append(f"By default `{field.default}`.")
    if field.engine:
        lines.append("The engine keeps it.")
    return "\n\n".join(lines)


def _step(analysis: Analysis, flow: str, name: str, now: datetime) -> str:
    node = analysis.steps(flow).get(name)
    if node is None:
        return ""
    lines = [f"**{name}**: {node.channel.text}, a step of “{flow}”"]
    checked = analysis.flows.get(flow)
    when = expected(checked, now).get(name) if checked is not None else None
    if when is not None:
        rest = "" if when.sure else ", at the earliest"
        lines.append(f"Comes on {when.words(now.date())} at {when.at:%H:%M} for someone who enters today{rest}.")
    return "\n\n".join([*lines, _excerpt(analysis, flow, node)])


def _excerpt(analysis: Analysis, flow: str, node: tree.Step) -> str:
    found = analysis.names.flows.get(flow)
    if found is None:
        return ""
    return f"```seq\n{_shortened(_unindented(found.source.text, node.span))}\n```"


def _declared(analysis: Analysis, found: Occurrence, now: datetime) -> str:
    symbol, names = found.symbol, analysis.names
    tables: dict[str, Mapping[str, Declared[Any]]] = {
        "view": names.views, "list": names.lists, "calendar": names.calendars, "constant": names.lets, "flow": names.flows,
    }  # fmt: skip
    if symbol.kind == "event":
        event = names.events.get(symbol.name)
        if event is None:
            return ""
        properties = ", ".join(f"`{p.name}` {p.type}" for p in event.properties) or "no properties"
        return f"**event “{symbol.name}”**\n\n{properties}"
    declared = tables[symbol.kind].get(symbol.name)
    if declared is None:
        return ""
    if symbol.kind == "flow":
        return _flow(analysis, symbol.name, now)
    return f"```seq\n{_shortened(_unindented(declared.source.text, declared.node.span))}\n```\n\n{declared.source.path}"


def _flow(analysis: Analysis, name: str, now: datetime) -> str:
    declared = analysis.names.flows[name]
    lines = [f"**{name}**: {declared.node.kind}, in {declared.source.path}"]
    steps = list(analysis.steps(name))
    if steps:
        lines.append("Steps: " + ", ".join(f"`{step}`" for step in steps))
    checked = analysis.flows.get(name)
    if checked is not None:
        dates = expected(checked, now)
        if checked.schedule is not None and dates:
            rows = [f"| `{step}` | {when.words(now.date())}{'' if when.sure else ' or later'} |" for step, when in dates.items()]
            lines.append("\n".join(["| step | for someone who enters today |", "| --- | --- |", *rows]))
    return "\n\n".join(lines)


def _unindented(text: str, span: Span) -> str:
    start = text.rfind("\n", 0, span.start) + 1
    indent = text[start : span.start]
    part = text[span.start : span.end]
    return part.replace("\n" + indent, "\n") if not indent.strip() else part


def _shortened(text: str) -> str:
    lines = text.replace("```", "'''").splitlines()
    return "\n".join([*lines[:LINES_MAX], "…"]) if len(lines) > LINES_MAX else "\n".join(lines)
