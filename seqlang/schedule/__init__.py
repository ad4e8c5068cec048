"""Pure date arithmetic: runs, spans, working days, windows, calendars, limits' periods; daylight saving in all of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqlang.schedule.calendars import holiday_code_problem, is_open_day, open_weekdays, shift_working_days
    from seqlang.schedule.cron import cron_problem
    from seqlang.schedule.periods import next_window, window_name, window_start
    from seqlang.schedule.runs import (
        every_problem,
        last_run,
        next_run,
        next_run_at_or_after,
        run_date,
        run_days,
        run_wall_time,
        runs_between,
    )
    from seqlang.schedule.spans import add_span, shift_date, span_seconds
    from seqlang.schedule.windows import is_open, next_open, openings_between, window_zone
    from seqlang.schedule.zones import local_date, local_instant, wall_time, zone_exists

__all__ = [
    "add_span",
    "cron_problem",
    "every_problem",
    "holiday_code_problem",
    "is_open",
    "is_open_day",
    "last_run",
    "local_date",
    "local_instant",
    "next_open",
    "next_run",
    "next_run_at_or_after",
    "next_window",
    "open_weekdays",
    "openings_between",
    "run_date",
    "run_days",
    "run_wall_time",
    "runs_between",
    "shift_date",
    "shift_working_days",
    "span_seconds",
    "wall_time",
    "window_name",
    "window_start",
    "window_zone",
    "zone_exists",
]

# Where a name lives; its module is loaded when the name is asked for: `check` needs few of them.
_HOMES = {
    "seqlang.schedule.calendars": ("holiday_code_problem", "is_open_day", "open_weekdays", "shift_working_days"),
    "seqlang.schedule.cron": ("cron_problem",),
    "seqlang.schedule.periods": ("next_window", "window_name", "window_start"),
    "seqlang.schedule.runs": (
        "every_problem",
        "last_run",
        "next_run",
        "next_run_at_or_after",
        "run_date",
        "run_days",
        "run_wall_time",
        "runs_between",
    ),
    "seqlang.schedule.spans": ("add_span", "shift_date", "span_seconds"),
    "seqlang.schedule.windows": ("is_open", "next_open", "openings_between", "window_zone"),
    "seqlang.schedule.zones": ("local_date", "local_instant", "wall_time", "zone_exists"),
}


def __getattr__(name: str) -> object:
    """Load the module where the name lives, and keep what it stands for."""
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(home), name)
    return found
