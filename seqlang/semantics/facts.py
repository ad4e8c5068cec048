"""Conditions on what happened: events, messages of this enrolment, outcomes, lists, tags and other flows."""

from __future__ import annotations

from seqlang.plan.conditions import AccountReplied, Condition, Fact, InFlow, InList, Not, Outcome, Span, Tagged, Unsubscribed
from seqlang.semantics.moments import read_span
from seqlang.semantics.operands import read_operand
from seqlang.semantics.scope import BEFORE_ENTRY, Scope, StepInfo
from seqlang.syntax import tree
from seqlang.syntax.node import Node


def check_event(scope: Scope, name: tree.Text) -> None:
    """Warn of an event that no file declares."""
    if name.value not in scope.names.events:
        scope.report.unknown(
            "SEQ220",
            name,
            f"the event `{name.value}` is not declared",
            name.value,
            scope.names.events,
            warn=True,
            none=f'declare it: `event "{name.value}" {{ }}`',
        )


def read_last(scope: Scope, node: tree.Within) -> Span | None:
    """Return the span of `in the last D` of something that happened."""
    if node.sign > 0:
        scope.report.error("SEQ313", node, "what happened lies in the past", hint="write `in the last …`")
        return None
    span = read_span(scope.report, node.duration)
    if span is not None and span.unit == "working day":
        scope.report.error(
            "SEQ313", node.duration, "events are counted by exact time, not by working days", hint="write days or hours"
        )
        return None
    return span


# ------------------------------------------------------------------------------------ of this enrolment


def step_fact(scope: Scope, node: tree.StepFact) -> Condition | None:
    """`replied`, `opened(hello)`, `clicked(hello, "https://…")`, `done(ring)`, `overdue(ring)`."""
    if not check_enrolled(scope, node, f"`{node.fact}`"):
        return None
    last = None
    if node.within is not None:
        last = read_last(scope, node.within)
        if last is None:
            return None
    if node.step is None:
        return Fact(fact=node.fact, url=node.url.value if node.url else None, last=last)
    info = find_step(scope, node.step)
    if info is None:
        return None
    if not _fact_fits(scope, node, info):
        return None
    check_order(scope, node.step, info)
    return Fact(fact=node.fact, step=info.name, url=node.url.value if node.url else None, last=last)


def _fact_fits(scope: Scope, node: tree.StepFact, info: StepInfo) -> bool:
    assert node.step is not None
    channel = info.channel
    if channel is None:
        return True
    wrong: str | None = None
    if node.fact in ("opened", "clicked", "bounced", "replied") and channel.effect != "message":
        wrong = f"`{info.name}` is a {channel.word} and never {node.fact}"
    elif node.fact in ("done", "overdue") and channel.effect != "todo" and not info.draft:
        wrong = f"nobody reports `{info.name}`: it is a step of the channel {channel.word}"
    if wrong is None:
        return True
    hint = f"write `sent({info.name})`" if node.fact in ("done", "overdue") else f"write `done({info.name})`"
    scope.report.error("SEQ315", node, wrong, hint=hint if channel.effect != "call_out" else None)
    return False


def outcome(scope: Scope, node: tree.Outcome) -> Condition | None:
    """`outcome(ring) = "No answer"`, `!=`, `in [..]`, `not in [..]`."""
    if not check_enrolled(scope, node, "`outcome`"):
        return None
    info = find_step(scope, node.step)
    texts = _texts(scope, node.right)
    if info is None or texts is None:
        return None
    if info.channel is not None and info.channel.effect != "todo" and not info.draft:
        scope.report.error("SEQ315", node, f"`{info.name}` is a step of the channel {info.channel.word} and has no outcome")
        return None
    for text, at in texts:
        if info.outcomes and text not in info.outcomes:
            scope.report.unknown("SEQ316", at, f"`{text}` is not one of the outcomes of `{info.name}`", text, info.outcomes)
            return None
    check_order(scope, node.step, info)
    atom = Outcome(step=info.name, values=tuple(t for t, _ in texts))
    return Not(item=atom) if node.op in ("!=", "not in") else atom


def _texts(scope: Scope, value: tree.Value) -> list[tuple[str, Node]] | None:
    items = value.items if isinstance(value, tree.ListOf) else (value,)
    texts: list[tuple[str, Node]] = []
    for item in items:
        found = read_operand(scope, item)
        if found is None:
            return None
        if found.is_ != "literal" or found.type != "text":
            scope.report.error("SEQ302", item, "an outcome is a text in quotes")
            return None
        texts.append((str(found.value), item))
    return texts


def unsubscribed(scope: Scope, node: tree.Unsubscribed) -> Condition | None:
    """`unsubscribed`: of the contact."""
    return Unsubscribed() if check_asked_of_person(scope, node, "`unsubscribed`") else None


def account_replied(scope: Scope, node: tree.AccountReplied) -> Condition | None:
    """`account replied`: somebody of the same account, since entry."""
    return AccountReplied() if check_enrolled(scope, node, "`account replied`") else None


def finished(scope: Scope, node: tree.Finished) -> Condition | None:
    """`finished` is no condition but a checkbox of an exit."""
    scope.report.error("SEQ317", node, "`finished` can only be by itself in an `exit when`")
    return None


def find_step(scope: Scope, name: tree.Name) -> StepInfo | None:
    """Return the step of that name, or None after reporting that the flow has none."""
    info = scope.steps.get(name.text)
    if info is None:
        scope.report.unknown("SEQ230", name, f"this flow has no step `{name.text}`", name.text, scope.steps, text=False)
    return info


def check_order(scope: Scope, at: Node, info: StepInfo) -> None:
    """Warn of a step that asks about one that comes later (LANGUAGE 8)."""
    if scope.place not in ("step", "branch", "value") or scope.kind == "smart":
        return
    own = scope.step
    if own is not None and own.name == info.name:
        scope.report.warning("SEQ610", at, f"`{info.name}` asks about itself, before it has happened")
        return
    if own is not None and own.day is not None and info.day is not None:
        later = (info.day, info.index) > (own.day, own.index)
    elif scope.kind in ("classic", "cadence"):
        return
    else:
        position = own.index if own is not None else scope.position
        later = position is not None and info.index >= position
    if later:
        scope.report.warning("SEQ610", at, f"`{info.name}` comes later, so nothing is known of it here")


def check_enrolled(scope: Scope, node: Node, what: str) -> bool:
    """Return whether somebody is enrolled where this is asked; report where nobody is."""
    if scope.place in BEFORE_ENTRY or not scope.kind:
        scope.report.error("SEQ312", node, f"{what} asks about somebody who is in a flow, and here nobody has come in yet")
        return False
    return check_asked_of_person(scope, node, what)


def check_asked_of_person(scope: Scope, node: Node, what: str) -> bool:
    """Return whether the record itself is asked, not an event's properties or a linked record; report where not."""
    if scope.place in ("event", "with"):
        where = "an event's properties" if scope.place == "event" else "the fields of a linked record"
        scope.report.error(
            "SEQ318",
            node,
            f"{what} cannot be asked here: inside `with ( … )` go {where}",
            hint="put it after the bracket with `and`",
        )
        return False
    return True


# ------------------------------------------------------------------------------- lists, tags, other flows


def in_list(scope: Scope, node: tree.InList) -> Condition | None:
    """`in list "NAME"`."""
    if not check_asked_of_person(scope, node, "a list"):
        return None
    if not check_list(scope, node.list):
        return None
    return InList(list=node.list.value)


def check_list(scope: Scope, name: tree.Text) -> bool:
    """Warn of a list that no file declares; return False after reporting one of other records."""
    scope.names.used.add(("list", name.value))
    found = scope.names.lists.get(name.value)
    if found is None:
        scope.report.unknown(
            "SEQ221",
            name,
            f"the list `{name.value}` is not declared",
            name.value,
            scope.names.lists,
            warn=True,
            none=f'declare it: `list "{name.value}" of {scope.subject}`',
        )
        return True
    record = found.node.record.text
    if record not in scope.names.records:
        return True  # reported where the list stands
    fine = {scope.subject, scope.home} | ({"contact", "account"} if scope.subject == "deal" else set())
    if record not in fine:
        scope.report.error("SEQ223", name, f"`{name.value}` is a list of {record}s, and a {scope.subject} is asked here")
        return False
    return True


def tagged(scope: Scope, node: tree.Tagged) -> Condition | None:
    """`tagged "VIP"`."""
    return Tagged(tag=node.tag.value) if check_asked_of_person(scope, node, "a tag") else None


def in_sequence(scope: Scope, node: tree.InSequence) -> Condition | None:
    """`in sequence "NAME"`, `was in sequence "NAME"`."""
    if not check_asked_of_person(scope, node, "another flow"):
        return None
    if node.name.value not in scope.names.flows:
        scope.report.unknown("SEQ231", node.name, f"there is no flow `{node.name.value}`", node.name.value, scope.names.flows)
        return None
    return InFlow(flow=node.name.value, was=node.was)
