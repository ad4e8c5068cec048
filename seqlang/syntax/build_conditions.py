"""Builders of conditions: from the children of a rule of the grammar to a node."""

from __future__ import annotations

from typing import Any

from seqlang.limits import NESTING_MAX
from seqlang.syntax import tree
from seqlang.syntax.build_values import Children, name, span_of, text, value
from seqlang.syntax.misuse import Misuse
from seqlang.syntax.tokens import Token


def or_(c: Children) -> tree.Or:
    """`a or b or c`."""
    return tree.Or(tuple(c[::2]), span=span_of(c))


def and_(c: Children) -> tree.And:
    """`a and b and c`."""
    return tree.And(tuple(c[::2]), span=span_of(c))


def not_(c: Children) -> tree.Not:
    """`not a`."""
    depth, inside = 1, c[1]
    while type(inside) is tree.Not:
        depth, inside = depth + 1, inside.item
    if depth > NESTING_MAX:
        raise Misuse("SEQ115", span_of(c[:1]), f"more than {NESTING_MAX} `not` in a row")
    return tree.Not(c[1], span=span_of(c))


def group(c: Children) -> tree.Group:
    """`(a)`."""
    return tree.Group(c[1], span=span_of(c))


def broken(c: Children) -> tree.Broken:
    """A condition that could not be read."""
    return tree.Broken(span=span_of(c))


def holds(c: Children) -> tree.Holds:
    """A field that stands alone."""
    return tree.Holds(c[0], span=c[0].span)


def compare(c: Children) -> tree.Compare:
    """`score >= 20`."""
    return tree.Compare(c[0], c[1].kind, c[2], span=span_of(c))


def one_of(c: Children) -> tree.OneOf:
    """`country in ["DE"]`."""
    return tree.OneOf(c[0], c[2], negated=False, span=span_of(c))


def not_one_of(c: Children) -> tree.OneOf:
    """`country not in ["DE"]`."""
    return tree.OneOf(c[0], c[3], negated=True, span=span_of(c))


def contains(c: Children) -> tree.Matches:
    """`name contains "x"`."""
    return tree.Matches(c[0], "contains", c[2], span=span_of(c))


def starts_with(c: Children) -> tree.Matches:
    """`name starts with "x"`."""
    return tree.Matches(c[0], "starts with", c[3], span=span_of(c))


def ends_with(c: Children) -> tree.Matches:
    """`name ends with "x"`."""
    return tree.Matches(c[0], "ends with", c[3], span=span_of(c))


def within(c: Children) -> tree.Within:
    """`in the last 3 days`."""
    return tree.Within(c[3], 1 if c[2].text == "next" else -1, span=span_of(c))


def within_of(c: Children) -> tree.WithinOf:
    """`trial_ends in the next 3 days`."""
    return tree.WithinOf(c[0], c[1], span=span_of(c))


def relative(c: Children) -> tree.Relative:
    """`trial_ends before today`."""
    return tree.Relative(c[0], c[1].text, value(c[2]), span=span_of(c))


def between(c: Children) -> tree.Between:
    """`score between 3 and 5`."""
    return tree.Between(c[0], c[2], c[4], span=span_of(c))


def is_empty(c: Children) -> tree.IsEmpty:
    """`phone is empty`."""
    return tree.IsEmpty(c[0], negated=False, span=span_of(c))


def is_not_empty(c: Children) -> tree.IsEmpty:
    """`phone is not empty`."""
    return tree.IsEmpty(c[0], negated=True, span=span_of(c))


class Since:
    """`since entry`, on the way to the condition that it belongs to."""

    __slots__ = ("span",)

    def __init__(self, c: Children) -> None:
        self.span = span_of(c)


def _tail(c: Children) -> tuple[tree.Within | None, bool]:
    """Return the time range and whether there is a `since entry` among some children."""
    found: tree.Within | None = None
    since = False
    for child in c:
        if type(child) is tree.Within:
            found = child
        elif type(child) is Since:
            since = True
    return found, since


def _with(c: Children, at: int) -> tree.Condition | None:
    """Return the condition behind the `with` at place `at`; None where there is no `with`."""
    if len(c) <= at or type(c[at]) is not Token or c[at].text != "with":
        return None
    condition: tree.Condition = c[at + 2] if type(c[at + 1]) is Token else c[at + 1]
    return condition


def with_(c: Children) -> tree.With:
    """`deal with (…)`."""
    record: tree.Path = c[0]
    if len(record.names) > 1:
        raise Misuse("SEQ128", record.span, "`with` comes after a record, as in `deal with (…)`")
    condition = _with(c, 1)
    assert condition is not None  # the rule has a `with`
    return tree.With(record.names[0], condition, span=span_of(c))


def with_named(c: Children) -> tree.With:
    """`deal with (…)` in a `count`."""
    condition = _with(c, 1)
    assert condition is not None  # the rule has a `with`
    return tree.With(name(c[0]), condition, span=span_of(c))


def account_replied(c: Children) -> tree.AccountReplied:
    """`account replied`."""
    record: tree.Path = c[0]
    if record.text != "account":
        hint = "`replied` asks about this enrolment, `account replied` about anyone of the same account"
        raise Misuse("SEQ128", span_of(c), f"`{record.text} replied` asks nothing", hint=hint)
    return tree.AccountReplied(span=span_of(c))


def happened(c: Children) -> tree.Happened:
    """`event "login" with … in the last 3 days since entry`."""
    found, since = _tail(c)
    return tree.Happened(text(c[1]), _with(c, 2), found, since, span=span_of(c))


def happened_holds(c: Children) -> tree.Happened:
    """`event "login" with newsletter`."""
    found, since = _tail(c)
    return tree.Happened(text(c[1]), holds([c[3]]), found, since, span=span_of(c))


def count(c: Children) -> tree.Count:
    """`count(event "x") in the last 7 days >= 3`."""
    target: tree.Happened | tree.With | tree.Name = name(c[2]) if type(c[2]) is Token else c[2]
    found, since = _tail(c[4:])
    return tree.Count(target, c[-2].kind, c[-1], found, since, span=span_of(c))


def fact(c: Children) -> tree.StepFact:
    """`replied`, `clicked(hello, "https://…")`."""
    found, since = _tail(c)
    step = None if c[1] is None else name(c[2])
    url = None if c[4] is None else text(c[4])
    word = c[0].text
    if step is None and word in ("done", "overdue"):
        raise Misuse(
            "SEQ128", span_of(c[:1]), f"`{word}` needs its step", hint=f"write the step in brackets, as in `{word}(ring)`"
        )
    if url is not None and word != "clicked":
        raise Misuse("SEQ128", url.span, f"`{word}` knows no link", hint="only `clicked` may name one")
    return tree.StepFact(word, step, url, found, since, span=span_of(c))


def outcome(c: Children) -> tree.Outcome:
    """`outcome(ring) = "No answer"`."""
    op: Any = {"=": "=", "!=": "!=", "in": "in", "not": "not in"}[c[4].text]
    return tree.Outcome(name(c[2]), op, c[-1], span=span_of(c))


def unsubscribed(c: Children) -> tree.Unsubscribed:
    """`unsubscribed`."""
    return tree.Unsubscribed(span=span_of(c))


def finished(c: Children) -> tree.Finished:
    """`finished`."""
    return tree.Finished(span=span_of(c))


def in_view(c: Children) -> tree.InView:
    """`in view "x"`."""
    return tree.InView(text(c[2]), span=span_of(c))


def in_list(c: Children) -> tree.InList:
    """`in list "x"`."""
    return tree.InList(text(c[2]), span=span_of(c))


def tagged(c: Children) -> tree.Tagged:
    """`tagged "x"`."""
    return tree.Tagged(text(c[1]), span=span_of(c))


def in_sequence(c: Children) -> tree.InSequence:
    """`in sequence "x"`."""
    return tree.InSequence(text(c[2]), was=False, span=span_of(c))


def was_in_sequence(c: Children) -> tree.InSequence:
    """`was in sequence "x"`."""
    return tree.InSequence(text(c[3]), was=True, span=span_of(c))


def condition_alone(c: Children) -> Any:
    """A condition that is the whole text."""
    return c[0]


BUILDERS = {
    "or_": or_, "and_": and_, "not_": not_, "group": group, "broken": broken, "holds": holds, "compare": compare,
    "one_of": one_of,
    "not_one_of": not_one_of, "contains": contains, "starts_with": starts_with, "ends_with": ends_with, "within": within,
    "within_of": within_of, "relative": relative, "between": between, "is_empty": is_empty, "is_not_empty": is_not_empty,
    "since": Since, "with_": with_, "with_named": with_named, "account_replied": account_replied, "happened": happened,
    "happened_holds": happened_holds, "count": count, "fact": fact, "outcome": outcome, "unsubscribed": unsubscribed,
    "finished": finished, "in_view": in_view, "in_list": in_list, "tagged": tagged, "in_sequence": in_sequence,
    "was_in_sequence": was_in_sequence, "condition_alone": condition_alone,
}  # fmt: skip
