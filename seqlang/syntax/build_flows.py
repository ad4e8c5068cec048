"""Builders of flows and their settings: from the children of a rule of the grammar to a node."""

from __future__ import annotations

from typing import Any

from seqlang.syntax import tree
from seqlang.syntax.build_values import Children, items_of, name, nodes, number, span_of, text, time, value
from seqlang.syntax.tokens import Token


def _text(child: Token | None) -> tree.Text | None:
    return None if child is None else text(child)


def flow(c: Children) -> tree.Flow:
    """`classic sequence "x" for contact { … }`."""
    at = 2 if c[0].text in ("classic", "smart", "outbound") else 1
    record = None if c[at + 1] is None else name(c[at + 2])
    return tree.Flow(c[0].text, text(c[at]), record, nodes(c[at + 3 :]), span=span_of(c))


# ------------------------------------------------------------------------------------------- settings


def owner(c: Children) -> tree.Owner:
    """`owner "x"`."""
    return tree.Owner(c[1], span=span_of(c))


def run(c: Children) -> tree.Run:
    """`run daily at 09:30 in "x" except weekends`."""
    rest = [child.text for child in c[4:] if child is not None]
    calendar = text(c[6]) if "calendar" in rest[:2] else None
    return tree.Run(c[1], _text(c[3]), rest[:1] == ["except"], calendar, span=span_of(c))


def daily(c: Children) -> tree.Daily:
    """`daily at 09:30`."""
    return tree.Daily(time(c[2]), span=span_of(c))


def every(c: Children) -> tree.Every:
    """`every 4 hours from 10:00`."""
    return tree.Every(c[1], None if c[3] is None else time(c[3]), span=span_of(c))


def cron(c: Children) -> tree.Cron:
    """`cron "0 9 * * 1-5"`."""
    return tree.Cron(text(c[1]), span=span_of(c))


def audience(c: Children) -> tree.Audience:
    """`audience { … }`."""
    return tree.Audience(nodes(c), span=span_of(c))


def audience_view(c: Children) -> tree.AudienceView:
    """`view "x"`."""
    return tree.AudienceView(text(c[1]), span=span_of(c))


def where(c: Children) -> tree.Where:
    """`where COND`."""
    return tree.Where(c[1], span=span_of(c))


def unique_by(c: Children) -> tree.UniqueBy:
    """`unique by email`."""
    return tree.UniqueBy(c[2], span=span_of(c))


def enter_event(c: Children) -> tree.EnterOnEvent:
    """`enter on event "x"`."""
    return tree.EnterOnEvent(c[2], span=span_of(c))


def enter_when(c: Children) -> tree.EnterWhen:
    """`enter when COND`."""
    return tree.EnterWhen(c[2], span=span_of(c))


def enter_at(c: Children) -> tree.EnterAt:
    """`enter on 2026-12-01T10:00 in "x" for view "y"`."""
    return tree.EnterAt(value(c[2]), _text(c[4]), text(c[7]), span=span_of(c))


def enter_again(c: Children) -> tree.EnterAgain:
    """`enter again after 90 days`."""
    return tree.EnterAgain(c[3], span=span_of(c))


def trigger(c: Children) -> tree.Trigger:
    """A workflow's `on …`."""
    when = c[-1]
    span = span_of(c)
    first = c[1]
    if type(first) is tree.Happened:
        return tree.Trigger("event", event=first, when=when, span=span)
    if first.text == "change":
        to = next((i for i, child in enumerate(c) if type(child) is Token and child.text == "to"), None)
        fields = tuple(child for child in c[3 : to or -2] if type(child) is tree.Path)
        return tree.Trigger("change", fields, None if to is None else c[to + 1], when=when, span=span)
    if first.text in ("entered", "exited", "outcome"):
        return tree.Trigger(first.text, text=text(c[2]), when=when, span=span)
    return tree.Trigger(first.text, when=when, span=span)


def window_calendar(c: Children) -> tree.Window:
    """`window calendar "x"`."""
    return tree.Window((), text(c[2]), contact_timezone=False, zone=None, span=span_of(c))


def window_open(c: Children) -> tree.Window:
    """`window mon-fri 09:00-17:00 in contact timezone else "x"`."""
    openings = tuple(child for child in c if type(child) is tree.Opening)
    words = [child for child in c if type(child) is Token and child.kind != ","]
    zone = words[-1] if words[-1].kind == "STRING" else None
    return tree.Window(openings, None, any(word.text == "contact" for word in words), _text(zone), span=span_of(c))


def goal(c: Children) -> tree.Goal:
    """`goal "x" when COND { … }`."""
    return tree.Goal(text(c[1]), c[3], items_of(c[4]), span=span_of(c))


def exit_(c: Children) -> tree.Exit:
    """`exit when a, b { … }`."""
    return tree.Exit(nodes(c[2:-1]), items_of(c[-1]), span=span_of(c))


def admit(c: Children) -> tree.Admit:
    """`admit at most 50 a day`."""
    return tree.Admit(number(c[3]), c[5].text, span=span_of(c))


def exclusive(c: Children) -> tree.Exclusive:
    """`exclusive`."""
    return tree.Exclusive(span=span_of(c))


def over_limit(c: Children) -> tree.OverLimit:
    """`over limit defer`."""
    return tree.OverLimit(name(c[2]), span=span_of(c))


def at_most(c: Children) -> tree.AtMost:
    """`at most 2 messages a week`."""
    return tree.AtMost(number(c[2]), c[5].text, span=span_of(c))


def skip_late(c: Children) -> tree.SkipLate:
    """`skip when more than 3 days late`."""
    return tree.SkipLate(c[4], span=span_of(c))


def undeliverable(c: Children) -> tree.Undeliverable:
    """`undeliverable skip`."""
    return tree.Undeliverable(name(c[1]), span=span_of(c))


def moved(c: Children) -> tree.Moved:
    """`moved old_name to new_name`."""
    return tree.Moved(name(c[1]), name(c[3]), span=span_of(c))


BUILDERS: dict[str, Any] = {
    "flow": flow, "owner": owner, "run": run, "daily": daily, "every": every, "cron": cron, "audience": audience,
    "audience_view": audience_view, "where": where, "unique_by": unique_by, "enter_event": enter_event, "enter_when": enter_when,
    "enter_at": enter_at, "enter_again": enter_again, "trigger": trigger, "window_calendar": window_calendar,
    "window_open": window_open, "goal": goal, "exit": exit_, "admit": admit, "exclusive": exclusive, "over_limit": over_limit,
    "at_most": at_most, "skip_late": skip_late, "undeliverable": undeliverable, "moved": moved,
}  # fmt: skip
