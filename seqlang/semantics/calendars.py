"""Calendars and openings: declared by name, carried by value in every plan that uses them (LANGUAGE 4)."""

from __future__ import annotations

from collections.abc import Iterable

from seqlang.plan.model import CalendarPlan, Opening
from seqlang.schedule.calendars import holiday_code_problem
from seqlang.semantics.moments import WEEKDAYS, check_zone, read_date
from seqlang.semantics.names import Names
from seqlang.semantics.report import Reporter, exchange
from seqlang.syntax import tree


def read_calendar(report: Reporter, node: tree.Calendar) -> CalendarPlan:
    """Return the calendar of a declaration, without the parts that are wrong."""
    zone: str | None = None
    openings: list[Opening] = []
    holidays: list[str] = []
    closed: list[tuple[str, str]] = []
    for item in node.items:
        match item:
            case tree.CalendarTimezone():
                if zone is not None:
                    report.error("SEQ523", item, "a calendar has one time zone")
                zone = check_zone(report, item.zone) or zone
            case tree.CalendarOpen():
                openings += read_openings(report, item.openings)
            case tree.CalendarHolidays():
                holidays += _holidays(report, item.codes)
            case tree.CalendarClosed():
                closed += [days for d in item.days if (days := _closed(report, d)) is not None]
    return CalendarPlan(
        name=node.name.value, zone=zone, openings=tuple(openings), holidays=tuple(dict.fromkeys(holidays)), closed=tuple(closed)
    )


def read_openings(report: Reporter, nodes: Iterable[tree.Opening]) -> list[Opening]:
    """Return openings; their days exist and they end after they start, on the same day."""
    found: list[Opening] = []
    for node in nodes:
        days = _days(node)
        start, end = node.start.raw, node.end.raw
        if start >= end:
            report.error(
                "SEQ324",
                node,
                f"an opening ends after it starts, and `{end}` is not after `{start}`",
                hint="write two openings, one up to `24:00` and one from `00:00`" if end != start else None,
            )
            continue
        found.append(Opening(days=days, start=start, end=end))
    return found


def _days(node: tree.Opening) -> tuple[int, ...]:
    days: set[int] = set()
    for first, last in node.days:
        at, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
        days |= {(at + n) % 7 for n in range((end - at) % 7 + 1)}
    return tuple(sorted(days))


def _holidays(report: Reporter, node: tree.ListOf) -> list[str]:
    codes: list[str] = []
    for item in node.items:
        if not isinstance(item, tree.Text):
            report.error("SEQ326", item, "a country is written as a text", hint='write `"DE"` or `"DE-BE"`')
            continue
        problem = holiday_code_problem(item.value)
        if problem is not None:
            message, _, hint = problem.partition("; ")
            report.error("SEQ326", item, message, hint=hint or None)
        else:
            codes.append(item.value)
    return codes


def _closed(report: Reporter, node: tree.Closed) -> tuple[str, str] | None:
    first, last = read_date(report, node.first), read_date(report, node.last)
    if first is None or last is None:
        return None
    if first > last:
        fix = exchange(report.source, node.first, node.last)
        report.error("SEQ327", node, "these days end before they begin", hint="exchange the two days", fix=fix)
        return None
    return first.isoformat(), last.isoformat()


def find_calendar(names: Names, calendars: dict[str, CalendarPlan], report: Reporter, name: tree.Text) -> CalendarPlan | None:
    """Return the calendar of that name, or None after reporting that there is none."""
    names.used.add(("calendar", name.value))
    found = calendars.get(name.value)
    if found is None:
        report.unknown("SEQ235", name, f"there is no calendar `{name.value}`", name.value, names.calendars)
    return found
