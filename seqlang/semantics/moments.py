"""Dates, times, instants, durations and zones of a file: they exist, or the mistake is reported."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.plan.conditions import Literal_, Span
from seqlang.schedule.zones import local_instant, zone_exists
from seqlang.semantics.report import Reporter, quoted, surely
from seqlang.syntax import tree

# Abbreviations that the database of zones does not know, and whom they most likely mean.
_ABBREVIATIONS = {
    "PT": "America/Los_Angeles", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "MT": "America/Denver",
    "MDT": "America/Denver", "CT": "America/Chicago", "CST": "America/Chicago", "CDT": "America/Chicago",
    "ET": "America/New_York", "EDT": "America/New_York", "BST": "Europe/London", "CEST": "Europe/Berlin", "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin", "EEST": "Europe/Athens", "IST": "Asia/Kolkata", "SGT": "Asia/Singapore", "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
}  # fmt: skip
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def check_zone(report: Reporter, node: tree.Text) -> str | None:
    """Return the name of the zone, or None after reporting that there is no such zone."""
    if zone_exists(node.value):
        return node.value
    told, usual = f"`{node.value}` is not a time zone", usual_zone(node.value)
    if usual is not None:
        fix = Fix(f"write `{usual}`", (Edit(node.span, quoted(usual)),), safe=surely(node.value, usual, ()))
        report.error("SEQ320", node, told, hint=f"did you mean `{usual}`?", fix=fix)
    else:
        from zoneinfo import available_timezones

        zones = available_timezones()
        report.unknown("SEQ320", node, told, node.value, zones, none='write a name such as `"Europe/Berlin"`')
    return None


def usual_zone(name: str) -> str | None:
    """Return the zone that people mean by an abbreviation or by the name of a city alone; None where it is neither."""
    usual = _ABBREVIATIONS.get(name.upper())
    if usual is not None:
        return usual
    from zoneinfo import available_timezones

    city = name.rsplit("/", 1)[-1].replace(" ", "_").casefold()
    return min((zone for zone in available_timezones() if zone.rsplit("/", 1)[-1].casefold() == city), default=None)


def read_date(report: Reporter, node: tree.Date) -> date | None:
    """Return the day, or None after reporting that it does not exist."""
    try:
        return date.fromisoformat(node.raw)
    except ValueError:
        report.error("SEQ321", node, f"the day `{node.raw}` does not exist", hint=_day_hint(node.raw))
        return None


def _day_hint(raw: str) -> str | None:
    parts = raw.split("-")
    if len(parts) == 3 and all(p.isdigit() for p in parts) and 1 <= int(parts[1]) <= 12 and int(parts[0]) >= 1:
        first = date(int(parts[0]), int(parts[1]), 1)
        last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return f"the last day of that month is `{last.isoformat()}`"
    return "a day is written `2026-03-31`: year, month, day"


def read_instant(report: Reporter, node: tree.Instant | tree.Date, zone: str) -> datetime | None:
    """Return the instant in UTC; one without an offset is of the local time of `zone`, a date its midnight there."""
    if isinstance(node, tree.Date):
        day = read_date(report, node)
        return None if day is None else local_instant(day, time(), zone)
    try:
        at = datetime.fromisoformat(node.raw)
    except ValueError:
        report.error("SEQ321", node, f"the instant `{node.raw}` does not exist", hint=_day_hint(node.raw.partition("T")[0]))
        return None
    return at.astimezone(UTC) if at.tzinfo else local_instant(at.date(), at.time(), zone)


def instant_literal(at: datetime) -> Literal_:
    """Return an instant as a plan keeps it: ISO with offset, in UTC."""
    return Literal_(type="instant", value=at.astimezone(UTC).isoformat())


def read_span(report: Reporter, node: tree.Duration, *, zero: bool = False) -> Span | None:
    """Return the duration; days, weeks and working days are whole, and none is negative (`zero`: may be nothing)."""
    if node.count < 0 or (node.count == 0 and not zero):
        report.error("SEQ323", node, "a duration must be longer than nothing")
        return None
    if node.unit in ("day", "working day") and node.count != int(node.count):
        report.error("SEQ323", node, "days are whole", hint="write hours instead: `12 hours`")
        return None
    if node.count > 100_000:
        report.error("SEQ323", node, "a duration of that length is out of reach")
        return None
    return Span(count=float(node.count), unit=node.unit)


def has_clock_time(span: Span) -> bool:
    """Return whether the duration counts hours or minutes."""
    return span.unit in ("minute", "hour")
