"""Audiences that take the same people into two sequences at once (LANGUAGE 8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqlang.diagnostics.diagnostic import Diagnostic, Related
from seqlang.frozen import Record
from seqlang.plan.conditions import All, Any_, Condition, InFlow, Not
from seqlang.semantics.checked import CheckedFlow
from seqlang.semantics.names import Names
from seqlang.semantics.reasoning import outline, possible
from seqlang.semantics.report import Reporter
from seqlang.semantics.witness import shown, witness
from seqlang.semantics.worlds import World
from seqlang.syntax import tree

LOOKED_AT_MAX = 50  # other audiences for each: a project of a thousand flows is checked in a moment, too


class _Audience(Record):
    """Who is taken by a flow."""

    flow: CheckedFlow
    where: Condition
    outline: World | None  # what all of them have in common; None: nobody can be taken


def check_overlaps(flows: Sequence[CheckedFlow], names: Names, sink: list[Diagnostic]) -> None:
    """Warn once for each sequence whose audience may hold somebody whom an earlier one takes as well."""
    earlier: list[_Audience] = []
    for flow in flows:
        if flow.audience is None:
            continue
        mine = _Audience(flow, flow.audience.where, outline(flow.audience.where, names.fields))
        for its in earlier[:LOOKED_AT_MAX]:
            other = its.flow
            if mine.outline is None or its.outline is None or mine.outline.excludes(its.outline) or apart(flow, other):
                continue
            both = possible([(mine.where, True), (its.where, True)], names.fields)
            if both is None:
                continue
            somebody = shown(witness(both))
            example = f"somebody with {somebody} is in both; " if somebody is not None else ""
            node = next(i for i in flow.node.items if isinstance(i, tree.Audience))
            place = next(i for i in other.node.items if isinstance(i, tree.Audience))
            Reporter(flow.source, sink).warning(
                "SEQ613",
                node,
                f"`{flow.name}` and `{other.name}` may take the same {flow.subject} at once",
                hint=f'{example}write `exclusive` in both, or `where not in sequence "{other.name}"`',
                related=(Related(f"the audience of `{other.name}`", other.source, place.span),),
            )
            break
        if len(earlier) < LOOKED_AT_MAX:
            earlier.append(mine)


def apart(one: CheckedFlow, other: CheckedFlow) -> bool:
    """Return whether nobody is in both flows at once, or the author has thought of it."""
    if one.manners.exclusive and other.manners.exclusive:
        return True
    return _names(one, other.name) or _names(other, one.name)


def _names(flow: CheckedFlow, other: str) -> bool:
    """Return whether an audience asks whether somebody is in the other flow: then the author has thought of it."""
    return flow.audience is not None and other in _flows_asked(flow.audience.where)


def _flows_asked(condition: Condition) -> Iterator[str]:
    match condition:
        case InFlow():
            yield condition.flow
        case All() | Any_():
            for item in condition.items:
                yield from _flows_asked(item)
        case Not():
            yield from _flows_asked(condition.item)
        case _:
            return
