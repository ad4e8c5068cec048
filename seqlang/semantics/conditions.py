"""Conditions of a file to conditions of a plan: the words between them, and which file reads which atom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqlang.frozen import replace
from seqlang.limits import CONDITION_DEPTH_MAX
from seqlang.plan.conditions import All, Any_, Condition, CountEvents, CountSome, LinkStep, Not, Some, Span
from seqlang.semantics import comparisons, facts
from seqlang.semantics.chosen import chosen_side, compare_chosen
from seqlang.semantics.operands import read_operand, sort_of
from seqlang.semantics.scope import Scope, record_scope
from seqlang.syntax import tree
from seqlang.syntax.node import Node


def read_condition(scope: Scope, node: tree.Condition, depth: int = 0) -> Condition | None:
    """Return the condition as the plan has it, or None after reporting all that is wrong in it."""
    if depth > CONDITION_DEPTH_MAX:
        scope.report.error(
            "SEQ319",
            node,
            f"this condition is nested more than {CONDITION_DEPTH_MAX} levels deep",
            hint="give a part of it a name, as a view",
        )
        return None
    atom = _ATOMS.get(type(node))
    if atom is not None:
        found = chosen_side(node)
        if found is not None:
            return compare_chosen(scope.report, node, *found, lambda part: read_condition(scope, part, depth + 1))
        return atom(scope, node)
    match node:
        case tree.Group():
            return read_condition(scope, node.item, depth + 1)
        case tree.And() | tree.Or():
            items = [read_condition(scope, item, depth + 1) for item in node.items]
            known = tuple(i for i in items if i is not None)
            if len(known) < len(items):
                return None
            return All(items=known) if isinstance(node, tree.And) else Any_(items=known)
        case tree.Not():
            item = read_condition(scope, node.item, depth + 1)
            return None if item is None else Not(item=item)
        case _:
            return None  # a part that could not be read


def happened(scope: Scope, node: tree.Happened) -> Condition | None:
    """`event "NAME" [with …] [in the last D] [since entry]`."""
    return _events(scope, node, node.within, since=node.since_entry, op=">=", number=1)


def count(scope: Scope, node: tree.Count) -> Condition | None:
    """`count(event …) OP N`, `count(deal with (…)) OP N`."""
    number = read_operand(scope, node.number)
    if number is None:
        return None
    if sort_of(number) != "number" or number.is_ != "literal":
        scope.report.error("SEQ310", node.number, "a count is compared with a number")
        return None
    figure = float(number.value)
    if figure < 0 or figure != int(figure):
        scope.report.error("SEQ310", node.number, "a count is a whole number from 0")
        return None
    if isinstance(node.target, tree.Happened):
        span = node.within or node.target.within
        return _events(scope, node.target, span, since=node.since_entry or node.target.since_entry, op=node.op, number=figure)
    if node.within is not None or node.since_entry:
        scope.report.error(
            "SEQ311",
            node.within or node,
            "a time range belongs to events, not to records",
            hint="ask a date of the record inside `with ( … )`",
        )
        return None
    some = _some(
        scope,
        node.target.record if isinstance(node.target, tree.With) else node.target,
        node.target.where if isinstance(node.target, tree.With) else None,
    )
    return None if some is None else CountSome(some=some, op=node.op, number=figure)


def with_(scope: Scope, node: tree.With) -> Condition | None:
    """`deal with ( … )`: one and the same record."""
    return _some(scope, node.record, node.where)


def _some(scope: Scope, name: tree.Name, where: tree.Condition | None) -> Some | None:
    if name.text not in scope.names.records or name.text == "user":
        scope.report.unknown(
            "SEQ206",
            name,
            f"there is no record `{name.text}`",
            name.text,
            [r for r in scope.names.records if scope.names.link_to(r, scope.home)],
            text=False,
        )
        return None
    link = scope.names.link_to(name.text, scope.home)
    if link is None:
        hint = f"write `{name.text}.FIELD`: there is only one" if scope.names.link_to(scope.home, name.text) else None
        scope.report.error("SEQ214", name, f"no {name.text} is linked to a {scope.home}", hint=hint)
        return None
    inner: Condition | None = All(items=())
    if where is not None:
        inner = read_condition(scope.of(name.text, "with"), where)
    if inner is None:
        return None
    return Some(subject=scope.subject, links=scope.home_links, record=name.text, link=link, where=inner)


def _events(
    scope: Scope, node: tree.Happened, within: tree.Within | None, *, since: bool, op: tree.Comparison, number: float
) -> Condition | None:
    name = node.name.value
    if not facts.check_asked_of_person(scope, node, "an event"):
        return None
    facts.check_event(scope, node.name)
    where = None
    if node.where is not None:
        where = read_condition(scope.of(f"event:{name}", "event"), node.where)
        if where is None:
            return None
    last: Span | None = None
    if within is not None:
        last = facts.read_last(scope, within)
        if last is None:
            return None
    if since and scope.place in ("audience", "trigger"):
        scope.report.error("SEQ312", node, "`since entry` asks about a contact who is in, and here nobody has come in yet")
        return None
    return CountEvents(event=name, where=where, last=last, since_entry=since or scope.since_entry, op=op, number=number)


def in_view(scope: Scope, node: tree.InView) -> Condition | None:
    """`in view "NAME"`: the view's condition, read here for this subject."""
    return read_view(scope, node.view)


def read_view(scope: Scope, name: tree.Text) -> Condition | None:
    """Return the condition of a view, asked of this scope's subject; its own mistakes are reported where it stands."""
    found = scope.names.views.get(name.value)
    if found is None:
        scope.report.unknown("SEQ232", name, f"there is no view `{name.value}`", name.value, scope.names.views)
        return None
    scope.names.used.add(("view", name.value))
    record = found.node.record.text
    if record not in scope.names.records or name.value in scope.views:
        return None  # both are reported at the view
    inner = _view_scope(scope, name, record)
    if inner is None:
        return None
    report = scope.report.at(found.source).silent()
    condition = read_condition(replace(inner, report=report, views=(*scope.views, name.value)), found.node.where)
    if condition is None and read_condition(record_scope(scope.names, report, record, scope.zone), found.node.where) is not None:
        scope.report.error("SEQ234", name, f"the view `{name.value}` of {record}s cannot be asked of a {scope.subject}")
    return condition


def _view_scope(scope: Scope, name: tree.Text, record: str) -> Scope | None:
    """Return the scope in which a view of `record` is asked of the subject: of itself, or of what it links to."""
    if record == scope.home:
        return replace(scope, place="view")
    if record == scope.subject:
        return replace(scope, home=record, home_links=(), place="view")
    link = scope.names.link_to(scope.subject, record)
    if link is None or scope.place in ("event", "with"):
        scope.report.error("SEQ234", name, f"`{name.value}` is a view of {record}s, and a {scope.subject} is asked here")
        return None
    return replace(scope, home=record, home_links=(LinkStep(field=link, record=record),), place="view")


_ATOMS: dict[type[Node], Callable[[Scope, Any], Condition | None]] = {
    tree.Compare: comparisons.compare,
    tree.OneOf: comparisons.one_of,
    tree.Matches: comparisons.matches,
    tree.WithinOf: comparisons.within,
    tree.Relative: comparisons.relative,
    tree.Between: comparisons.between,
    tree.IsEmpty: comparisons.is_empty,
    tree.Holds: comparisons.holds,
    tree.With: with_,
    tree.Happened: happened,
    tree.Count: count,
    tree.StepFact: facts.step_fact,
    tree.Outcome: facts.outcome,
    tree.Unsubscribed: facts.unsubscribed,
    tree.Finished: facts.finished,
    tree.AccountReplied: facts.account_replied,
    tree.InView: in_view,
    tree.InList: facts.in_list,
    tree.Tagged: facts.tagged,
    tree.InSequence: facts.in_sequence,
}
