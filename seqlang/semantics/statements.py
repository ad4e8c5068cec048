"""Statements that change the record or lead to other flows (LANGUAGE 5.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from seqlang.plan.conditions import ListValue, Literal_, PlanValue
from seqlang.plan.model import ActNode, FieldTarget
from seqlang.semantics.comparisons import choice_has
from seqlang.semantics.facts import check_list
from seqlang.semantics.operands import SORT_OF_FIELD, SORT_WORDS, constant, read_operand, sort_of
from seqlang.semantics.paths import Target, find_field
from seqlang.semantics.scope import Scope
from seqlang.semantics.templates import Uses
from seqlang.semantics.values import ADDRESS, read_choose, read_person, read_value
from seqlang.syntax import tree

Act = tree.Set | tree.Add | tree.Assign | tree.Tag | tree.ListChange | tree.Enrol | tree.ExitNow
KEPT = ("created_at", "updated_at")  # written by the engine only, like fields that are marked so


def read_act(scope: Scope, uses: Uses, node: Act) -> ActNode | None:
    """Return the statement, without its key, or None after reporting what is wrong with it."""
    match node:
        case tree.Set():
            return _set(scope, uses, node)
        case tree.Add():
            return _add(scope, node)
        case tree.Assign():
            return _assign(scope, uses, node)
        case tree.Tag():
            tag = _text(scope, node.tag, "a tag")
            word: Literal["tag", "untag"] = "untag" if node.remove else "tag"
            return ActNode(key="", word=word, act=word, value=tag) if tag is not None else None
        case tree.ListChange():
            value = _text(scope, node.list, "a list", _list_fits)
            if value is None:
                return None
            return ActNode(key="", word="remove" if node.remove else "add", act="unlist" if node.remove else "list", value=value)
        case tree.Enrol():
            value = _text(scope, node.flow, "a flow", flow_fits if node.how != "remove" else _flow_exists)
            return ActNode(key="", word=node.how, act=node.how, value=value) if value is not None else None
        case tree.ExitNow():
            return ActNode(key="", word="exit", act="exit")


def written_field(scope: Scope, path: tree.Path) -> Target | None:
    """Return the field of the enrolled record that a statement writes, or None after reporting why there is none."""
    target = find_field(scope, path)
    if target is None:
        return None
    if target.hops or target.ref.links:
        scope.report.error(
            "SEQ521",
            path,
            f"a statement changes the {scope.subject} itself, and `{path.text}` belongs to another record",
            hint=f"write `{scope.subject}.FIELD`" if scope.home != scope.subject else None,
        )
        return None
    if target.spec.engine or target.spec.name in KEPT:
        scope.report.error("SEQ522", path, f"`{path.text}` is kept by the engine and cannot be changed")
        return None
    return target


def _set(scope: Scope, uses: Uses, node: tree.Set) -> ActNode | None:
    target = written_field(scope, node.field)
    value = read_written(scope, uses, target, node.field.text, node.value) if target is not None else None
    if target is None or value is None:
        return None
    return ActNode(key="", word="set", act="set", field=_target(target), value=value)


def read_written(scope: Scope, uses: Uses, target: Target, name: str, value: tree.Value) -> PlanValue | None:
    """Return a value that fits a field, as it is written there."""
    if isinstance(value, tree.Choose):
        return read_choose(scope, value, lambda v: read_written(scope, uses, target, name, v))
    if target.spec.link is not None:
        return _linked(scope, uses, target, name, value)
    found = read_operand(scope, value)
    if found is None:
        return None
    sort, given = SORT_OF_FIELD[target.ref.type], sort_of(found)
    if sort == "set":
        scope.report.error("SEQ302", value, f"`{name}` is a set and cannot be set as a whole")
        return None
    if sort != given and not (sort == "instant" and given == "date" and isinstance(found, Literal_)):
        scope.report.error("SEQ302", value, f"`{name}` is a {target.spec.type} and cannot become {SORT_WORDS[given]}")
        return None
    if sort == "instant" and isinstance(value, tree.Date):
        return read_operand(scope, tree.Instant(value.raw + "T00:00", span=value.span))
    if isinstance(found, Literal_) and found.type == "text":
        if not choice_has(scope, target, str(found.value), value, name):
            return None
        if target.spec.type == "email" and not ADDRESS.match(str(found.value)):
            scope.report.error("SEQ413", value, f"`{found.value}` is not an e-mail address")
            return None
    return found


def _linked(scope: Scope, uses: Uses, target: Target, name: str, value: tree.Value) -> PlanValue | None:
    if target.spec.link == "user":
        return read_value(scope, uses, "user", value)
    if isinstance(value, tree.Text):
        return Literal_(type="text", value=value.value)
    scope.report.error(
        "SEQ302", value, f"`{name}` is a link: write the name of the {target.spec.link} that it leads to, as a text"
    )
    return None


def _add(scope: Scope, node: tree.Add) -> ActNode | None:
    target = written_field(scope, node.field)
    if target is not None and target.ref.type != "number":
        scope.report.error("SEQ302", node.field, f"`{node.field.text}` is a {target.spec.type}, and only numbers can be added to")
        return None
    value = _number(scope, node.amount)
    if target is None or value is None:
        return None
    return ActNode(key="", word="add", act="add", field=_target(target), value=value)


def _number(scope: Scope, value: tree.Value) -> PlanValue | None:
    if isinstance(value, tree.Choose):
        return read_choose(scope, value, lambda v: _number(scope, v))
    found = read_operand(scope, value)
    if found is not None and sort_of(found) != "number":
        scope.report.error("SEQ302", value, f"a number is added, and this is {SORT_WORDS[sort_of(found)]}")
        return None
    return found


def _assign(scope: Scope, uses: Uses, node: tree.Assign) -> ActNode | None:
    field = scope.names.fields.get(scope.subject, {}).get("owner")
    if field is None or field.link != "user":
        scope.report.error("SEQ521", node, f"a {scope.subject} has no owner")
        return None
    target = FieldTarget(record=scope.subject, field="owner", type="link")
    if not node.round_robin:
        user = _user(scope, uses, node.user)
        return ActNode(key="", word="assign", act="assign", field=target, value=user) if user is not None else None
    value: tree.Value | None = node.user
    if isinstance(value, tree.Path):
        value = constant(scope, value) or value
    if isinstance(value, tree.Choose):
        scope.report.error(
            "SEQ415", value, "the users of a round robin are the same for everybody", hint="choose with `if` instead"
        )
        return None
    if not isinstance(value, tree.ListOf) or not value.items:
        scope.report.error(
            "SEQ411", node.user, "a round robin needs a list of colleagues", hint='write `["ana@example.com", "bo@example.com"]`'
        )
        return None
    users = [_user(scope, uses, item) for item in value.items]
    known = tuple(u for u in users if u is not None)
    if len(known) < len(users):
        return None
    return ActNode(key="", word="assign", act="round robin", field=target, value=ListValue(items=known))


def _user(scope: Scope, uses: Uses, value: tree.Value) -> PlanValue | None:
    if isinstance(value, tree.Path) and len(value.names) > 1:
        return read_person(scope, value, user=True)
    return read_value(scope, uses, "user", value)


def _text(
    scope: Scope, value: tree.Value, what: str, check: Callable[[Scope, tree.Text], bool] | None = None
) -> PlanValue | None:
    if isinstance(value, tree.Choose):
        return read_choose(scope, value, lambda v: _text(scope, v, what, check))
    if isinstance(value, tree.Path):
        inner = constant(scope, value)
        if isinstance(inner, tree.Text):
            value = tree.Text(inner.value, span=value.span)
    if not isinstance(value, tree.Text) or not value.value.strip():
        scope.report.error("SEQ411", value, f"{what} is named by a text in quotes")
        return None
    if check is not None and not check(scope, value):
        return None
    return Literal_(type="text", value=value.value)


def _list_fits(scope: Scope, name: tree.Text) -> bool:
    if not check_list(scope, name):
        return False
    found = scope.names.lists.get(name.value)
    if found is not None and found.node.record.text != scope.subject and found.node.record.text in scope.names.records:
        scope.report.error(
            "SEQ223", name, f"`{name.value}` is a list of {found.node.record.text}s, and a {scope.subject} would be put on it"
        )
        return False
    return True


def _flow_exists(scope: Scope, name: tree.Text) -> bool:
    if name.value in scope.names.flows:
        return True
    scope.report.unknown("SEQ231", name, f"there is no flow `{name.value}`", name.value, scope.names.flows)
    return False


def flow_fits(scope: Scope, name: tree.Text) -> bool:
    """Return whether the record of this flow can be enrolled in the one that is named; report where it cannot."""
    if not _flow_exists(scope, name):
        return False
    flow = scope.names.flows[name.value].node
    if flow.kind == "workflow":
        scope.report.error(
            "SEQ524", name, f"`{name.value}` is a workflow, and nobody is enrolled in one", hint="it starts by its trigger"
        )
        return False
    record = flow.record.text if flow.record is not None and flow.kind == "journey" else "contact"
    if record == scope.subject or (scope.subject, record) == ("deal", "contact"):
        return True
    scope.report.error("SEQ525", name, f"`{name.value}` enrols a {record}, and this flow is for a {scope.subject}")
    return False


def _target(target: Target) -> FieldTarget:
    return FieldTarget(record=target.ref.holder, field=target.ref.field, type=target.ref.type)
