"""The end of a sequence: who has had all steps leaves with `finished`, where the flow says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import true

from seqlang.engine import exits

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from seqlang.engine.context import FlowContext


def finish(ctx: FlowContext, where: ColumnElement[bool]) -> int:
    """Let those of `where`, who have had all steps, leave, where `finished` is named; return how many.

    Where a step of this run may have made another exit hold, all are looked at once more: the first in file order is the reason.
    """
    if not exits.names_finished(ctx.plan):
        return exits.look(ctx, where) if exits.moves_in_run(ctx.plan) else 0
    rules = exits.rules_of(ctx.plan)
    if not exits.moves_in_run(ctx.plan):
        rules = tuple(rule for rule in rules if rule.condition is None)
    return exits.look(ctx, where, finished=true(), rules=rules)
