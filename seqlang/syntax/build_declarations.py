"""Builders of what stands at the top of a file, flows and tests apart: from the children of a rule of the grammar to a node."""

from __future__ import annotations

from typing import Any

from seqlang.syntax import tree
from seqlang.syntax.build_values import Children, date, name, nodes, span_at, span_of, text, time
from seqlang.syntax.misuse import Misuse
from seqlang.syntax.tokens import Token


def module(c: Children) -> tree.Module:
    """A file; its comments are added by `parse`."""
    return tree.Module(nodes(c))


def let(c: Children) -> tree.Let:
    """`let webinar = 2026-11-24`."""
    return tree.Let(name(c[1]), c[3], span=span_of(c))


def record(c: Children) -> tree.Record:
    """`record contact { … }`."""
    return tree.Record(name(c[1]), nodes(c[2:]), span=span_of(c))


def field(c: Children) -> tree.Field:
    """`score number default 0`."""
    return tree.Field(name(c[0]), c[1], c[3], span=span_of(c))


def type_named(c: Children) -> tree.TypeOf:
    """`number`."""
    return tree.TypeOf(name(c[0]), span=span_of(c))


def type_choice(c: Children) -> tree.TypeOf:
    """`choice ["a", "b"]`."""
    choices: list[tree.Text] = []
    for item in c[1].items:
        if not isinstance(item, tree.Text):
            raise Misuse(
                "SEQ120", item.span, "the choices of a field are texts", hint='write each in quotes, as in `["Lead", "Customer"]`'
            )
        choices.append(item)
    return tree.TypeOf(name(c[0]), tuple(choices), span=span_of(c))


def type_link(c: Children) -> tree.TypeOf:
    """`link ticket`."""
    return tree.TypeOf(name(c[0]), None, name(c[1]), span=span_of(c))


def list_of_records(c: Children) -> tree.ListOfRecords:
    """`list "Expo 2026" of contact`."""
    return tree.ListOfRecords(text(c[1]), name(c[3]), span=span_of(c))


def event(c: Children) -> tree.Event:
    """`event "page_view" { url text }`."""
    properties = nodes(c[2:])
    for one in properties:
        if one.default is not None:
            raise Misuse(
                "SEQ101",
                one.default.span,
                "a property of an event has no default",
                hint="it is empty where the event does not bring it",
            )
    return tree.Event(text(c[1]), properties, span=span_of(c))


def view(c: Children) -> tree.View:
    """`view "Fresh leads" of contact where COND`."""
    return tree.View(text(c[1]), name(c[3]), c[5], span=span_of(c))


def calendar(c: Children) -> tree.Calendar:
    """`calendar "x" { … }`."""
    return tree.Calendar(text(c[1]), nodes(c[2:]), span=span_of(c))


def calendar_timezone(c: Children) -> tree.CalendarTimezone:
    """`timezone "Europe/Berlin"`."""
    return tree.CalendarTimezone(text(c[1]), span=span_of(c))


def calendar_open(c: Children) -> tree.CalendarOpen:
    """`open mon-fri 09:00-17:30`."""
    return tree.CalendarOpen(nodes(c), span=span_of(c))


def calendar_holidays(c: Children) -> tree.CalendarHolidays:
    """`holidays ["AT"]`."""
    return tree.CalendarHolidays(c[1], span=span_of(c))


def calendar_closed(c: Children) -> tree.CalendarClosed:
    """`closed 2026-12-24, 2026-12-31 to 2027-01-06`."""
    return tree.CalendarClosed(nodes(c), span=span_of(c))


def closed(c: Children) -> tree.Closed:
    """`2026-12-31 to 2027-01-06`."""
    return tree.Closed(date(c[0]), date(c[2] or c[0]), span=span_of(c))


def opening(c: Children) -> tree.Opening:
    """`mon-fri 09:00-17:30`."""
    days = tuple(child for child in c if type(child) is tuple)
    return tree.Opening(tuple((first.text, last.text) for first, last in days), time(c[-3]), time(c[-1]), span=_opening_span(c))


def _opening_span(c: Children) -> Any:
    return span_at(c[0][0]).to(span_at(c[-1]))


def day_range(c: Children) -> tuple[Token, Token]:
    """`mon-fri`, `sat`: the first and the last day."""
    return c[0], c[2] or c[0]


BUILDERS: dict[str, Any] = {
    "module": module, "let": let, "record": record, "field": field, "type_named": type_named, "type_choice": type_choice,
    "type_link": type_link, "list_of_records": list_of_records, "event_declaration": event, "view": view, "calendar": calendar,
    "calendar_timezone": calendar_timezone, "calendar_open": calendar_open, "calendar_holidays": calendar_holidays,
    "calendar_closed": calendar_closed, "closed": closed, "opening": opening, "day_range": day_range,
}  # fmt: skip
