"""The right sides of comparisons: literals, constants, fields, `today`, `now` and what is so far from them, with their types."""

from __future__ import annotations

from typing import Literal

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.plan.conditions import FieldRef, Literal_, Now, PlanValue, Shifted, Today
from seqlang.semantics.moments import has_clock_time, instant_literal, read_date, read_instant, read_span
from seqlang.semantics.paths import find_field
from seqlang.semantics.report import quoted
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree

Sort = Literal["text", "number", "boolean", "date", "instant", "time", "set", "link", "other"]
SORT_OF_FIELD: dict[str, Sort] = {
    "text": "text",
    "choice": "text",
    "email": "text",
    "phone": "text",
    "url": "text",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "instant",
    "set": "set",
    "link": "link",
}
SORT_WORDS: dict[str, str] = {
    "text": "a text",
    "number": "a number",
    "boolean": "`yes` or `no`",
    "date": "a date",
    "instant": "an instant",
    "time": "a time of day",
    "set": "a set",
    "link": "a link",
    "other": "a value of another kind",
}


def constant(scope: Scope, path: tree.Path) -> tree.Value | None:
    """Return the value of the constant that a single name stands for; a field of the same name goes first."""
    seen: set[str] = set()
    value: tree.Value = path
    while isinstance(value, tree.Path) and len(value.names) == 1:
        name = value.names[0].text
        if value is path and name in scope.names.fields.get(scope.home, {}):
            return None
        found = scope.names.lets.get(name)
        if found is None or name in seen:
            return None
        seen.add(name)
        value = found.node.value
    return None if value is path else value


def sort_of(value: PlanValue) -> Sort:
    """Return the sort of a value of a condition."""
    match value:
        case Literal_(type="text" | "number" | "boolean" | "date" | "instant" | "time"):
            return value.type
        case FieldRef():
            return SORT_OF_FIELD[value.type]
        case Today():
            return "date"
        case Now():
            return "instant"
        case Shifted():
            return sort_of(value.origin)
        case _:
            return "other"


def read_operand(scope: Scope, value: tree.Value) -> PlanValue | None:
    """Return a value that a field is compared with, or None after reporting why it cannot be one."""
    match value:
        case tree.Text():
            return Literal_(type="text", value=value.value)
        case tree.Number():
            return Literal_(type="number", value=value.value)
        case tree.Truth():
            return Literal_(type="boolean", value=value.value)
        case tree.Date():
            day = read_date(scope.report, value)
            return Literal_(type="date", value=day.isoformat()) if day else None
        case tree.Instant():
            at = read_instant(scope.report, value, scope.zone)
            return instant_literal(at) if at else None
        case tree.TimeOfDay():
            return Literal_(type="time", value=value.raw)
        case tree.Today():
            return Today()
        case tree.Now():
            return Now()
        case tree.Shifted():
            return _shifted(scope, value)
        case tree.Path():
            inner = constant(scope, value)
            return read_operand(scope, inner) if inner is not None else _field(scope, value)
        case tree.Duration():
            scope.report.error(
                "SEQ302",
                value,
                "a duration cannot be compared with a field",
                hint="write `in the last …`, `in the next …`, or `before … from today`",
            )
        case tree.ListOf():
            scope.report.error("SEQ302", value, "a list can only come after `in` or `not in`")
        case _:
            scope.report.error("SEQ302", value, "this value cannot be part of a condition")
    return None


def tell_unknown(scope: Scope, path: tree.Path) -> None:
    """Report a single name that is neither a constant nor a field, with the nearest one."""
    known = [*scope.names.lets, *scope.names.fields.get(scope.home, {})]
    told = f"`{path.text}` is neither a constant nor a field"
    scope.report.unknown("SEQ216", path, told, path.text, known, text=False, none="a text goes in quotes")


def _field(scope: Scope, path: tree.Path) -> PlanValue | None:
    fields, records = scope.names.fields.get(scope.home, {}), scope.names.records
    if len(path.names) == 1 and path.text not in fields and path.text not in records and not scope.home.startswith("event:"):
        if any(path.text in field.choices for field in fields.values()):
            written = quoted(path.text)
            fix = Fix(f"write `{written}`", (Edit(path.span, written),), safe=True)
            scope.report.error("SEQ216", path, f"`{path.text}` goes in quotes here", hint=f"write `{written}`", fix=fix)
            return None
        from seqlang.semantics.habits import hint_of_habit  # few files need it

        habit = hint_of_habit(path, scope.steps)
        if habit is not None:
            scope.report.error("SEQ216", path, f"`{path.text}` is neither a constant nor a field", hint=habit)
            return None
        tell_unknown(scope, path)
        return None
    target = find_field(scope, path, key=True)
    if target is None:
        return None
    if target.hops:
        scope.report.error(
            "SEQ217",
            path,
            f"`{path.text}` stands for several records and cannot be compared with",
            hint=f"write `{path.names[0].text} with ( … )` with the field on the left",
        )
        return None
    return target.ref


def _shifted(scope: Scope, node: tree.Shifted) -> PlanValue | None:
    span = read_span(scope.report, node.duration)
    origin = read_operand(scope, node.origin)
    if span is None or origin is None:
        return None
    sort = sort_of(origin)
    if sort not in ("date", "instant"):
        scope.report.error("SEQ304", node.origin, f"a duration counts from a date or an instant, and this is {SORT_WORDS[sort]}")
        return None
    if sort == "date" and has_clock_time(span):
        scope.report.error(
            "SEQ305",
            node.duration,
            "hours and minutes cannot be counted from a date",
            hint="count days, or count from an instant such as `now`",
        )
        return None
    return Shifted(origin=origin, sign=node.sign, span=span)
