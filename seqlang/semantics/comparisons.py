"""Comparisons of a field with values: each checked against the field's type, and lowered to the atoms of a plan."""

from __future__ import annotations

from typing import cast

from seqlang.plan.conditions import (
    Between,
    Compare,
    Condition,
    Empty,
    Literal_,
    Matches,
    Not,
    OneOf,
    PlanValue,
    Relative,
    Span,
    Within,
)
from seqlang.semantics.moments import has_clock_time, read_span
from seqlang.semantics.operands import SORT_OF_FIELD, SORT_WORDS, constant, read_operand, sort_of
from seqlang.semantics.paths import Target, find_field
from seqlang.semantics.report import exchange
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.vocabulary.records import FieldType

ORDERED = ("number", "date", "instant")
# How a value of each sort is written.
_WRITTEN = {
    "number": "a number is written as in `20`",
    "text": 'a text is written in quotes, as in `"DE"`',
    "boolean": "truths are `yes` and `no`, without quotes",
    "date": "a date is written as in `2026-03-02`, without quotes; `30 days from today` is one, too",
    "instant": "an instant is written as in `2026-03-02T09:30`, without quotes; `3 days before now` is one, too",
}
OPEN_CHOICES = ("last_activity_type",)  # activities of a project's own come in as events: "Lunch"


def compare(scope: Scope, node: tree.Compare) -> Condition | None:
    """`field OP value`; `!=` is the negation of `=`."""
    target = find_field(scope, node.left, like=_like(scope, node.right), key=True)
    value = read_operand(scope, node.right)
    if target is None or value is None:
        return None
    sort = SORT_OF_FIELD[target.ref.type]
    if sort == "set":
        scope.report.error("SEQ301", node.left, f"`{node.left.text}` is a set: ask whether it `contains` a value")
        return None
    if node.op not in ("=", "!=") and sort not in ORDERED:
        scope.report.error(
            "SEQ301", node, f"`{node.op}` compares numbers, dates and instants, and `{node.left.text}` is {_kind(target)}"
        )
        return None
    if not fits(scope, target, value, node.right, node.left.text):
        return None
    if node.op == "!=":
        warn_of_none(scope, target, node.left, node)
        return Not(item=target.some(Compare(field=target.ref, op="=", value=value)))
    return target.some(Compare(field=target.ref, op=node.op, value=value))


def one_of(scope: Scope, node: tree.OneOf) -> Condition | None:
    """`field in [..]`, `field not in [..]`; the list may be a constant."""
    values: tree.Value = node.values
    if isinstance(values, tree.Path):
        inner = constant(scope, values)
        if not isinstance(inner, tree.ListOf):
            scope.report.unknown(
                "SEQ216",
                values,
                f"`{values.text}` is not a constant list",
                values.text,
                scope.names.lets,
                text=False,
                none='a list is written `["a", "b"]`',
            )
            return None
        values = inner
    if not isinstance(values, tree.ListOf):  # a case of a `choose`
        scope.report.error("SEQ302", values, "`in` needs a list", hint='a list is written `["a", "b"]`')
        return None
    target = find_field(scope, node.left, like=_like(scope, values.items[0]) if values.items else "text", key=True)
    if not values.items:
        scope.report.error("SEQ306", node.values, "the list is empty, so nothing can be in it")
        return None
    items = [read_operand(scope, item) for item in values.items]
    if target is None or None in items:
        return None
    if SORT_OF_FIELD[target.ref.type] == "set":
        scope.report.error("SEQ301", node.left, f"`{node.left.text}` is a set: ask whether it `contains` a value")
        return None
    literals: list[Literal_] = []
    for item, at in zip(items, values.items, strict=True):
        if not isinstance(item, Literal_):
            scope.report.error("SEQ306", at, "a list of values holds texts, numbers and dates, no fields")
            return None
        if not fits(scope, target, item, at if node.values is values else node.values, node.left.text):
            return None
        literals.append(item)
    atom = target.some(OneOf(field=target.ref, values=tuple(literals)))
    if node.negated:
        warn_of_none(scope, target, node.left, node)
        return Not(item=atom)
    return atom


def matches(scope: Scope, node: tree.Matches) -> Condition | None:
    """`field contains "x"`, `starts with`, `ends with`."""
    target = find_field(scope, node.left, key=True)
    value = read_operand(scope, node.right)
    if target is None or value is None:
        return None
    sort = SORT_OF_FIELD[target.ref.type]
    if sort not in ("text", "set"):
        scope.report.error("SEQ301", node, f"`{node.how}` looks into texts, and `{node.left.text}` is {_kind(target)}")
        return None
    if sort == "set" and node.how != "contains":
        scope.report.error("SEQ301", node, f"`{node.left.text}` is a set: only `contains` can be asked of it")
        return None
    if not isinstance(value, Literal_) or value.type != "text":
        scope.report.error("SEQ302", node.right, f"`{node.how}` needs a text in quotes")
        return None
    if not value.value:
        scope.report.error("SEQ306", node.right, f"`{node.how}` an empty text says nothing", hint="write `is not empty`")
        return None
    return target.some(Matches(field=target.ref, how=node.how, text=str(value.value)))


def within(scope: Scope, node: tree.WithinOf) -> Condition | None:
    """`field in the last D`, `in the next D`."""
    target = find_field(scope, node.left, like="datetime")
    span = read_span(scope.report, node.within.duration)
    if target is None or span is None:
        return None
    if not _temporal(scope, target, node.left) or not _clock_fits(scope, target, span, node.within):
        return None
    return target.some(Within(field=target.ref, sign=node.within.sign, span=span))


def relative(scope: Scope, node: tree.Relative) -> Condition | None:
    """`field before X`, `field after X`."""
    target = find_field(scope, node.left, like="datetime")
    value = read_operand(scope, node.moment)
    if target is None or value is None or not _temporal(scope, target, node.left):
        return None
    if sort_of(value) not in ("date", "instant"):
        scope.report.error(
            "SEQ302", node.moment, f"`{node.side}` needs a date or an instant, and this is {SORT_WORDS[sort_of(value)]}"
        )
        return None
    return target.some(Relative(field=target.ref, side=node.side, value=value))


def between(scope: Scope, node: tree.Between) -> Condition | None:
    """`field between X and Y`: numbers, dates, instants."""
    target = find_field(scope, node.left, like=_like(scope, node.low))
    low, high = read_operand(scope, node.low), read_operand(scope, node.high)
    if target is None or low is None or high is None:
        return None
    sort = SORT_OF_FIELD[target.ref.type]
    if sort not in ORDERED:
        scope.report.error(
            "SEQ301", node, f"`between` compares numbers, dates and instants, and `{node.left.text}` is {_kind(target)}"
        )
        return None
    for value, at in ((low, node.low), (high, node.high)):
        given = sort_of(value)
        if given != sort and not (given in ("date", "instant") and sort in ("date", "instant")):
            scope.report.error(
                "SEQ302", at, f"`{node.left.text}` is {_kind(target)} and cannot be compared with {SORT_WORDS[given]}"
            )
            return None
    if isinstance(low, Literal_) and isinstance(high, Literal_) and low.type == high.type and _more(low, high):
        scope.report.warning(
            "SEQ307",
            node,
            "nothing lies between these: the first is greater than the second",
            hint="exchange them",
            fix=exchange(scope.report.source, node.low, node.high),
        )
    return target.some(Between(field=target.ref, low=low, high=high))


def is_empty(scope: Scope, node: tree.IsEmpty) -> Condition | None:
    """`field is empty`, `field is not empty`; of several linked records: some of them."""
    target = find_field(scope, node.left)
    if target is None:
        return None
    atom: Condition = Empty(field=target.ref)
    return target.some(Not(item=atom) if node.negated else atom)


def holds(scope: Scope, node: tree.Holds) -> Condition | None:
    """A boolean field that stands alone."""
    if len(node.path.names) == 1:
        value = constant(scope, node.path)
        if value is not None:
            scope.report.error("SEQ308", node, f"the constant `{node.path.text}` is not a condition")
            return None
    target = find_field(scope, node.path, like="boolean")
    if target is None:
        return None
    if target.ref.type != "boolean":
        scope.report.error(
            "SEQ308",
            node,
            f"`{node.path.text}` is {_kind(target)} and no condition by itself",
            hint=f"compare it, or write `{node.path.text} is not empty`",
        )
        return None
    return target.some(Compare(field=target.ref, op="=", value=Literal_(type="boolean", value=True)))


def fits(scope: Scope, target: Target, value: PlanValue, at: Node, name: str) -> bool:
    """Return whether the field may be compared with the value; report where it may not."""
    sort, given = SORT_OF_FIELD[target.ref.type], sort_of(value)
    if given != sort:
        hint = None
        if {sort, given} == {"date", "instant"}:
            hint = f"write `{name} before …`, `after …` or `between … and …`"
        elif given == "text" and sort == "number" and _number(value):
            hint = "write the number without quotes"
        else:
            hint = _WRITTEN.get(sort)
        scope.report.error(
            "SEQ302", at, f"`{name}` is {_kind(target)} and cannot be compared with {SORT_WORDS[given]}", hint=hint
        )
        return False
    if target.spec.type == "choice" and isinstance(value, Literal_):
        return choice_has(scope, target, str(value.value), at, name)
    return True


def choice_has(scope: Scope, target: Target, text: str, at: Node, name: str) -> bool:
    """Return whether a text is one of the values of a choice; report where it is not."""
    spec = target.spec
    if spec.type != "choice" or text in spec.choices or (spec.engine and spec.name in OPEN_CHOICES):
        return True
    scope.report.unknown(
        "SEQ303",
        at,
        f"`{text}` is not one of the values of `{name}`",
        text,
        spec.choices,
        text=True if isinstance(at, tree.Text) else None,
    )
    return False


def warn_of_none(scope: Scope, target: Target, left: tree.Path, at: Node) -> None:
    """Warn that a negated comparison through several records means that none of them is so (LANGUAGE 3)."""
    if target.hops:
        record = target.hops[-1].record
        scope.report.warning(
            "SEQ309",
            at,
            f"this holds where no {record} is so, and also where there is no {record} at all",
            hint=f"for some {record} that differs write `{record} with (not ({left.names[-1].text} = …))`",
        )


def _temporal(scope: Scope, target: Target, left: tree.Path) -> bool:
    if SORT_OF_FIELD[target.ref.type] in ("date", "instant"):
        return True
    scope.report.error("SEQ301", left, f"`{left.text}` is {_kind(target)}, and a date or an instant is wanted here")
    return False


def _clock_fits(scope: Scope, target: Target, span: Span, at: tree.Within) -> bool:
    if target.ref.type == "date" and has_clock_time(span):
        scope.report.error("SEQ305", at, f"`{target.spec.name}` is a date and has no hours", hint="count days")
        return False
    return True


def _like(scope: Scope, value: tree.Value) -> FieldType:
    """Return the type that a property of an undeclared event must have to be compared with `value`."""
    if isinstance(value, tree.Path):
        inner = constant(scope, value)
        return _like(scope, inner) if inner is not None else "text"
    match value:
        case tree.Number():
            return "number"
        case tree.Truth():
            return "boolean"
        case tree.Date() | tree.Today():
            return "date"
        case tree.Instant() | tree.Now():
            return "datetime"
        case tree.Shifted():
            return _like(scope, value.origin)
        case _:
            return "text"


def _kind(target: Target) -> str:
    kind = "choice" if target.spec.type == "choice" else target.ref.type
    words = {"datetime": "an instant", "email": "an e-mail address", "url": "a link to a page", "boolean": "a boolean"}
    return words.get(kind, f"a {kind}")


def _number(value: PlanValue) -> bool:
    return isinstance(value, Literal_) and str(value.value).replace(".", "", 1).lstrip("-").isdigit()


def _more(low: Literal_, high: Literal_) -> bool:
    if low.type == "number":
        return cast("float", low.value) > cast("float", high.value)
    return str(low.value) > str(high.value)
