"""The zone, the runs and the window of a flow (LANGUAGE 3, *Time*; 5.1, `run`; 5.8)."""

from __future__ import annotations

from seqlang.plan.model import CalendarPlan, SchedulePlan, WindowPlan
from seqlang.semantics.calendars import find_calendar, read_openings
from seqlang.semantics.moments import check_zone, read_span
from seqlang.semantics.names import Names
from seqlang.semantics.report import Reporter
from seqlang.syntax import tree


def read_schedule(
    names: Names, calendars: dict[str, CalendarPlan], report: Reporter, node: tree.Run, zone: str
) -> SchedulePlan | None:
    """Return the runs of a flow whose zone is `zone`, or None after reporting what is wrong with them."""
    calendar = find_calendar(names, calendars, report, node.calendar) if node.calendar is not None else None
    if node.calendar is not None and calendar is None:
        return None
    weekends = node.except_weekends
    match node.times:
        case tree.Daily():
            return SchedulePlan(kind="daily", zone=zone, time=node.times.time.raw, except_weekends=weekends, calendar=calendar)
        case tree.Every():
            start = node.times.start.raw if node.times.start is not None else None
            span = read_span(report, node.times.duration)
            if span is None:
                return None
            from seqlang.schedule.runs import every_problem  # few flows need it

            problem = every_problem(span)
            if problem is not None:
                report.error("SEQ328", node.times.duration, problem)
                return None
            return SchedulePlan(kind="every", zone=zone, time=start, every=span, except_weekends=weekends, calendar=calendar)
        case tree.Cron():
            from seqlang.schedule.cron import cron_problem  # as above

            problem = cron_problem(node.times.expression.value)
            if problem is not None:
                report.error("SEQ329", node.times.expression, problem)
                return None
            return SchedulePlan(
                kind="cron", zone=zone, cron=node.times.expression.value, except_weekends=weekends, calendar=calendar
            )


def window_zone(calendars: dict[str, CalendarPlan], report: Reporter, node: tree.Window) -> str | None:
    """Return the zone that a window names: its own, or its calendar's; mistakes are reported by `read_window`."""
    if node.zone is not None:
        return check_zone(report.silent(), node.zone)
    found = calendars.get(node.calendar.value) if node.calendar is not None else None
    return found.zone if found is not None else None


def read_window(
    names: Names, calendars: dict[str, CalendarPlan], report: Reporter, node: tree.Window, zone: str
) -> WindowPlan | None:
    """Return the window of a flow whose zone is `zone`, or None after reporting what is wrong with it."""
    calendar = find_calendar(names, calendars, report, node.calendar) if node.calendar is not None else None
    own = check_zone(report, node.zone) if node.zone is not None else None
    openings = read_openings(report, node.openings)
    if (node.calendar is not None and calendar is None) or (node.zone is not None and own is None):
        return None
    if calendar is None and not openings:
        return None
    fallback = own or (calendar.zone if calendar is not None else None) or zone
    return WindowPlan(openings=tuple(openings), calendar=calendar, contact_timezone=node.contact_timezone, zone=fallback)
