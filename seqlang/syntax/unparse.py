"""Tree to text, statement by statement; the formatter lays it out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.syntax.unparse_tests import optional, test_item, timing
from seqlang.syntax.unparse_values import condition, duration, moment, name, number, options, path, text, value


def unparse(module: tree.Module) -> str:
    """Return a module as text. Raises `ValueError` for a tree that no text means."""
    return "\n\n".join(declaration(item) for item in module.declarations) + "\n"


def _block(lines: Iterable[str]) -> str:
    inside = "\n".join(lines)
    return f"{{\n{inside}\n}}" if inside else "{ }"


@singledispatch
def declaration(node: Node) -> str:
    """Return a declaration, setting, step, statement or line of a test as text."""
    raise ValueError(f"no text means {type(node).__name__}")


@declaration.register
def _(node: tree.Let) -> str:
    return f"let {name(node.name)} = {value(node.value)}"


def _field(node: tree.Field) -> str:
    kind = name(node.type.name)
    if node.type.choices is not None:
        kind = f"choice [{', '.join(text(choice) for choice in node.type.choices)}]"
    elif node.type.link is not None:
        kind = f"link {name(node.type.link)}"
    return f"{name(node.name, begins=True)} {kind}{optional('default', node.default, value)}"


@declaration.register
def _(node: tree.Record) -> str:
    return f"record {name(node.name)} {_block(map(_field, node.fields))}"


@declaration.register
def _(node: tree.ListOfRecords) -> str:
    return f"list {text(node.name)} of {name(node.record)}"


@declaration.register
def _(node: tree.Event) -> str:
    return f"event {text(node.name)}" + (f" {_block(map(_field, node.properties))}" if node.properties else "")


@declaration.register
def _(node: tree.View) -> str:
    return f"view {text(node.name)} of {name(node.record)} where {condition(node.where)}"


@declaration.register
def _(node: tree.Calendar) -> str:
    return f"calendar {text(node.name)} {_block(map(declaration, node.items))}"


@declaration.register
def _(node: tree.CalendarTimezone) -> str:
    return f"timezone {text(node.zone)}"


@declaration.register
def _(node: tree.CalendarOpen) -> str:
    return f"open {_openings(node.openings)}"


@declaration.register
def _(node: tree.CalendarHolidays) -> str:
    return f"holidays {value(node.codes)}"


@declaration.register
def _(node: tree.CalendarClosed) -> str:
    return "closed " + ", ".join(d.first.raw if d.first == d.last else f"{d.first.raw} to {d.last.raw}" for d in node.days)


def _openings(items: tuple[tree.Opening, ...]) -> str:
    out: list[str] = []
    for one in items:
        days = ", ".join(first if first == last else f"{first}-{last}" for first, last in one.days)
        out.append(f"{days} {one.start.raw}-{one.end.raw}")
    return ", ".join(out)


@declaration.register
def _(node: tree.Flow) -> str:
    kind = f"{node.kind} sequence" if node.kind in ("classic", "smart", "outbound") else node.kind
    return f"{kind} {text(node.name)}{optional('for', node.record, name)} {_block(map(declaration, node.items))}"


# ------------------------------------------------------------------------------------------- settings


@declaration.register
def _(node: tree.Owner) -> str:
    return f"owner {value(node.user)}"


@declaration.register
def _(node: tree.Run) -> str:
    match node.times:
        case tree.Daily(time):
            times = f"daily at {time.raw}"
        case tree.Every(span, start):
            times = f"every {duration(span)}" + ("" if start is None else f" from {start.raw}")
        case tree.Cron(expression):
            times = f"cron {text(expression)}"
    days = " except weekends" if node.except_weekends else optional("on calendar", node.calendar, text)
    return f"run {times}{optional('in', node.zone, text)}{days}"


@declaration.register
def _(node: tree.Audience) -> str:
    return f"audience {_block(map(declaration, node.items))}"


@declaration.register
def _(node: tree.AudienceView) -> str:
    return f"view {text(node.view)}"


@declaration.register
def _(node: tree.Where) -> str:
    return f"where {condition(node.condition)}"


@declaration.register
def _(node: tree.UniqueBy) -> str:
    return f"unique by {path(node.field)}"


@declaration.register
def _(node: tree.EnterOnEvent) -> str:
    return f"enter on {condition(node.event)}"


@declaration.register
def _(node: tree.EnterWhen) -> str:
    return f"enter when {condition(node.condition)}"


@declaration.register
def _(node: tree.EnterAt) -> str:
    return f"enter on {moment(node.moment, fixed=True)}{optional('in', node.zone, text)} for view {text(node.view)}"


@declaration.register
def _(node: tree.EnterAgain) -> str:
    return f"enter again after {duration(node.after)}"


@declaration.register
def _(node: tree.Trigger) -> str:
    what: str = node.kind
    if node.kind == "event" and node.event is not None:
        what = condition(node.event)
    elif node.kind == "change":
        what = f"change of {', '.join(map(path, node.fields))}{optional('to', node.to, value)}"
    elif node.text is not None:
        what = f"{node.kind} {text(node.text)}"
    return f"on {what}{optional('when', node.when, condition)}"


@declaration.register
def _(node: tree.Window) -> str:
    if node.calendar is not None:
        return f"window calendar {text(node.calendar)}"
    if node.contact_timezone:
        zone = f" in contact timezone{optional('else', node.zone, text)}"
    else:
        zone = optional("in", node.zone, text)
    return f"window {_openings(node.openings)}{zone}"


def _body(items: tuple[tree.Statement, ...]) -> str:
    return f" {_block(map(declaration, items))}" if items else ""


@declaration.register
def _(node: tree.Goal) -> str:
    return f"goal {text(node.name)} when {condition(node.when)}{_body(node.body)}"


@declaration.register
def _(node: tree.Exit) -> str:
    return f"exit when {', '.join(map(condition, node.conditions))}{_body(node.body)}"


@declaration.register
def _(node: tree.Admit) -> str:
    return f"admit at most {number(node.number)} a {node.per}"


@declaration.register
def _(_node: tree.Exclusive) -> str:
    return "exclusive"


@declaration.register
def _(node: tree.OverLimit) -> str:
    return f"over limit {name(node.rule)}"


@declaration.register
def _(node: tree.AtMost) -> str:
    return f"at most {number(node.number)} messages a {node.per}"


@declaration.register
def _(node: tree.SkipLate) -> str:
    return f"skip when more than {duration(node.duration)} late"


@declaration.register
def _(node: tree.Undeliverable) -> str:
    return f"undeliverable {name(node.rule)}"


@declaration.register
def _(node: tree.Moved) -> str:
    return f"moved {name(node.old)} to {name(node.new)}"


# ------------------------------------------------------------------------------------------ statements


@declaration.register
def _(node: tree.Step) -> str:
    due = "" if node.timing is None else f" {timing(node.timing)}"
    return f"step {name(node.name)}: {name(node.channel)}{due}{optional('when', node.when, condition)} {options(node.options)}"


@declaration.register
def _(node: tree.Set) -> str:
    return f"set {path(node.field)} = {value(node.value)}"


@declaration.register
def _(node: tree.Add) -> str:
    return f"add {path(node.field, behind_add=True)} {value(node.amount)}"


@declaration.register
def _(node: tree.Assign) -> str:
    if node.round_robin:
        return f"assign round robin {value(node.user)}"
    return f"assign {value(node.user, behind_assign=True)}"


@declaration.register
def _(node: tree.Tag) -> str:
    return f"{'untag' if node.remove else 'tag'} {value(node.tag)}"


@declaration.register
def _(node: tree.ListChange) -> str:
    return f"{'remove from' if node.remove else 'add to'} list {value(node.list)}"


@declaration.register
def _(node: tree.Enrol) -> str:
    words = {"enroll": "enroll in", "remove": "remove from", "move": "move to"}[node.how]
    return f"{words} {value(node.flow, behind_from=node.how == 'remove')}"


@declaration.register
def _(_node: tree.ExitNow) -> str:
    return "exit"


@declaration.register
def _(node: tree.Wait) -> str:
    return f"wait {duration(node.duration)}"


@declaration.register
def _(node: tree.WaitUntil) -> str:
    if node.condition is not None:
        until = condition(node.condition)
    elif node.moment is not None:
        until = moment(node.moment) + optional("in", node.zone, text)
    else:
        raise ValueError("`wait until` needs a condition or a moment")
    end = "" if node.at_most is None else f" for at most {duration(node.at_most)}"
    if node.at_latest is not None:
        end = f" at latest {moment(node.at_latest)}{optional('in', node.at_latest_zone, text)}"
    return f"wait until {until}{end}"


@declaration.register
def _(node: tree.If) -> str:
    parts = [f"if {condition(branch.when)} {_block(map(declaration, branch.body))}" for branch in node.branches]
    if node.otherwise is not None:
        parts.append(_block(map(declaration, node.otherwise)))
    return " else ".join(parts)


def _side(node: tree.Side) -> str:
    if node.name is None:
        return f"{number(node.share)}% holdout"
    return f"{number(node.share)}% {text(node.name)} {_block(map(declaration, node.body))}"


@declaration.register
def _(node: tree.Split) -> str:
    winner = ""
    if node.winner_by is not None and node.winner_after is not None:
        winner = f" winner by {name(node.winner_by)} after {duration(node.winner_after)}"
    return f"split {text(node.name)}{winner} {_block(map(_side, node.sides))}"


declaration.register(tree.Test)(lambda node: f"test {text(node.name)} {_block(map(test_item, node.items))}")
