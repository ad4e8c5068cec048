"""Who comes in: audiences of sequences, entries of journeys, triggers of workflows (LANGUAGE 5.1, 5.5, 5.6)."""

from __future__ import annotations

from seqlang.frozen import replace
from seqlang.plan.conditions import All, Any_, Condition, PlanValue
from seqlang.plan.model import AudiencePlan, OnCondition, OnEvent, OnFlow, OnInstant, OnRecord, Trigger
from seqlang.semantics.asked import ask
from seqlang.semantics.conditions import read_condition, read_view
from seqlang.semantics.facts import check_event
from seqlang.semantics.moments import check_zone, instant_literal, read_instant
from seqlang.semantics.operands import constant
from seqlang.semantics.paths import find_field
from seqlang.semantics.scope import Scope
from seqlang.semantics.statements import KEPT, read_written
from seqlang.semantics.templates import Uses
from seqlang.syntax import tree


def read_audience(scope: Scope, node: tree.Audience, admit: tree.Admit | None) -> AudiencePlan | None:
    """Return the audience: any of its views and every `where`; or None after reporting what is wrong with it."""
    scope = scope.at("audience")
    views: list[Condition | None] = []
    wheres: list[Condition | None] = []
    unique: str | None = None
    wrong = False
    for item in node.items:
        match item:
            case tree.AudienceView():
                views.append(read_view(scope, item.view))
            case tree.Where():
                wheres.append(ask(scope, item.condition))
            case tree.UniqueBy():
                if unique is not None:
                    scope.report.error("SEQ503", item, "this audience has two `unique by`")
                unique = _unique(scope, item)
                wrong = wrong or unique is None
    known_views = tuple(v for v in views if v is not None)
    known = tuple(w for w in wheres if w is not None)
    number, right = _whole(scope, admit.number) if admit is not None else (None, True)
    if wrong or not right or len(known_views) < len(views) or len(known) < len(wheres):
        return None
    one_view: tuple[Condition, ...] = (
        () if not known_views else known_views if len(known_views) == 1 else (Any_(items=known_views),)
    )
    items = (*one_view, *known)
    where = items[0] if len(items) == 1 else All(items=items)
    return AudiencePlan(where=where, unique_by=unique, admit=number, admit_per=admit.per if admit is not None else "day")


def _unique(scope: Scope, node: tree.UniqueBy) -> str | None:
    target = find_field(scope.of(scope.subject), node.field)
    if target is None:
        return None
    if target.hops or target.ref.links:
        scope.report.error("SEQ217", node.field, f"`unique by` needs a field of the {scope.subject} itself")
        return None
    if target.spec.type in ("set", "boolean"):
        scope.report.error("SEQ302", node.field, f"`unique by` compares values, and `{node.field.text}` is a {target.spec.type}")
        return None
    return target.ref.field


def _whole(scope: Scope, node: tree.Number) -> tuple[int | None, bool]:
    if node.value != int(node.value) or node.value < 1:
        scope.report.error("SEQ515", node, "a whole number from 1 is wanted here")
        return None, False
    return int(node.value), True


def read_entry(scope: Scope, node: tree.EnterOnEvent | tree.EnterWhen | tree.EnterAt) -> Trigger | None:
    """Return one entry of a journey."""
    scope = scope.at("trigger")
    match node:
        case tree.EnterOnEvent():
            return _event(scope, node.event, None)
        case tree.EnterWhen():
            condition = ask(scope, node.condition)
            return OnCondition(condition=condition) if condition is not None else None
        case tree.EnterAt():
            return _blast(scope, node)


def _blast(scope: Scope, node: tree.EnterAt) -> Trigger | None:
    condition = read_view(scope, node.view)
    zone = check_zone(scope.report, node.zone) if node.zone is not None else scope.zone
    moment: tree.Value | None = node.moment
    if isinstance(moment, tree.Path):
        moment = constant(scope, moment) or moment
    if not isinstance(moment, (tree.Instant, tree.Date)):
        scope.report.error("SEQ304", node.moment, "a fixed date or instant is wanted here", hint="write `2026-12-01T10:00`")
        return None
    at = read_instant(scope.report, replace(moment, span=node.moment.span), zone or "UTC")
    if at is None or condition is None or zone is None:
        return None
    return OnInstant(instant=str(instant_literal(at).value), condition=condition)


def _event(scope: Scope, event: tree.Happened, when: tree.Condition | None) -> Trigger | None:
    check_event(scope, event.name)
    if event.within is not None or event.since_entry:
        scope.report.error("SEQ516", event, "an event starts this when it happens; a time range says nothing here")
        return None
    where = read_condition(scope.of(f"event:{event.name.value}", "event"), event.where) if event.where is not None else None
    asked = ask(scope, when) if when is not None else None
    if (event.where is not None and where is None) or (when is not None and asked is None):
        return None
    return OnEvent(event=event.name.value, where=where, when=asked)


def read_trigger(scope: Scope, uses: Uses, node: tree.Trigger) -> Trigger | None:
    """Return the trigger of a workflow."""
    scope = scope.at("trigger")
    if node.kind == "event" and node.event is not None:
        return _event(scope, node.event, node.when)
    when = ask(scope, node.when) if node.when is not None else None
    wrong = node.when is not None and when is None
    if node.kind in ("created", "updated", "change"):
        fields, to, fine = _change(scope, uses, node)
        return None if wrong or not fine else OnRecord(what=node.kind, fields=fields, to=to, when=when)
    if node.kind in ("entered", "exited") and node.text is not None and node.text.value not in scope.names.flows:
        scope.report.unknown("SEQ231", node.text, f"there is no flow `{node.text.value}`", node.text.value, scope.names.flows)
        wrong = True
    match node.kind:
        case "entered" | "exited" | "overdue" | "outcome" if not wrong:
            return OnFlow(what=node.kind, name=node.text.value if node.text is not None else None, when=when)
        case _:
            return None


def _change(scope: Scope, uses: Uses, node: tree.Trigger) -> tuple[tuple[str, ...], PlanValue | None, bool]:
    names: list[str] = []
    fine, to = True, None
    for path in node.fields:
        target = find_field(scope, path)
        if target is None:
            fine = False
        elif target.hops or target.ref.links:
            scope.report.error("SEQ217", path, f"only fields of the {scope.subject} itself can be watched")
            fine = False
        elif target.spec.engine or target.spec.name in KEPT:
            scope.report.error("SEQ522", path, f"`{path.text}` is kept by the engine, and its changes start nothing")
            fine = False
        else:
            names.append(target.ref.field)
            if node.to is not None:
                to = read_written(scope, uses, target, path.text, node.to)
                fine = fine and to is not None
    if node.to is not None and len(node.fields) > 1:
        scope.report.error("SEQ517", node.to, "`to` goes with one field only", hint="write a workflow for each field")
        fine = False
    return tuple(names), to, fine
