"""Values of a test block as values of fields, and as the texts of `events.csv`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from seqlang.plan.conditions import Span
from seqlang.schedule import add_span, local_date, local_instant, shift_date
from seqlang.simulation.scenario import Value
from seqlang.syntax import tree
from seqlang.vocabulary.records import FieldSpec

DATES = ("day", "week", "working day")


@dataclass(frozen=True, slots=True)
class Reader:
    """What values of a test may refer to."""

    zone: str
    start: datetime  # `today` and `now` of its records
    names: Mapping[str, str]  # name of a record of the test -> the key by which others link to it
    constants: Mapping[str, tree.Value]  # of the project

    def value(self, node: tree.Value, field: FieldSpec | None = None) -> Value:
        """Return the value; of a field it has that field's type. A link is the key of its record."""
        match node:
            case tree.Text():
                return self._text(node.value, field)
            case tree.Number() | tree.Truth():
                return node.value
            case tree.Date() | tree.Instant() | tree.Today() | tree.Now() | tree.Shifted():
                return self._moment(node, field)
            case tree.ListOf():
                return tuple(str(self.value(item)) for item in node.items)
            case tree.Path():
                name = node.names[0].text
                if len(node.names) == 1 and name in self.constants and name not in self.names:
                    return self.value(self.constants[name], field)
                return self.names.get(name, node.text)
            case _:
                return None

    def _text(self, text: str, field: FieldSpec | None) -> Value:
        if field is not None and field.type == "set":
            return tuple(part.strip() for part in text.split(";") if part.strip()) or None
        return text or None

    def _moment(self, node: tree.Moment, field: FieldSpec | None) -> date | datetime:
        found = self.moment(node)
        if field is not None and field.type == "datetime" and not isinstance(found, datetime):
            return local_instant(found, datetime.min.time(), self.zone)
        if field is not None and field.type == "date" and isinstance(found, datetime):
            return local_date(found, self.zone)
        return found

    def moment(self, node: tree.Moment) -> date | datetime:
        """Return the date or the instant (UTC)."""
        match node:
            case tree.Date():
                return date.fromisoformat(node.raw)
            case tree.Instant():
                return instant_of(node.raw, self.zone)
            case tree.Now():
                return self.start
            case tree.Shifted():
                origin = self.moment(node.origin)
                span = span_of(node.duration)
                if isinstance(origin, datetime):
                    return add_span(origin, span, self.zone, sign=node.sign)
                if span.unit in DATES:
                    return shift_date(origin, span, sign=node.sign)
                return add_span(local_instant(origin, datetime.min.time(), self.zone), span, self.zone, sign=node.sign)
            case tree.Path() if node.text in self.constants:
                constant = self.constants[node.text]
                if isinstance(constant, tree.Date | tree.Instant | tree.Path | tree.Today | tree.Now | tree.Shifted):
                    return self.moment(constant)
                return local_date(self.start, self.zone)
            case _:
                return local_date(self.start, self.zone)

    def text(self, node: tree.Value) -> str:
        """Return the value as `changed` writes it."""
        return written(self.value(node))

    def properties(self, options: Sequence[tree.Option]) -> str:
        """Return an event's properties as JSON, or nothing."""
        if not options:
            return ""
        found = {o.name.text: self.value(o.value) for o in options}
        plain = {k: v if isinstance(v, str | int | float | bool) or v is None else written(v) for k, v in found.items()}
        return " " + json.dumps(plain, ensure_ascii=False)


def span_of(node: tree.Duration) -> Span:
    """Return the span that a duration means."""
    return Span(count=float(node.count), unit=node.unit)


def instant_of(raw: str, zone: str) -> datetime:
    """Return the instant (UTC) of a literal, of `zone` where it has no offset."""
    read = datetime.fromisoformat(raw)
    return read.astimezone(UTC) if read.tzinfo else local_instant(read.date(), read.time(), zone)


def written(value: Value) -> str:
    """Return a value as the cell of a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value)
