"""Pace and manners of a flow, and of the whole project (LANGUAGE 5.8; `[pace]`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from seqlang.plan.conditions import Span
from seqlang.plan.model import CalendarPlan, Manners, WindowPlan
from seqlang.semantics.moments import read_span
from seqlang.semantics.report import Reporter
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.vocabulary.settings import PaceSettings

RULES = ("defer", "skip", "fail")
DAYS = {"day": 1, "week": 7}


def read_manners(
    report: Reporter, items: Sequence[Node], window: WindowPlan | None, pace: PaceSettings, quiet: CalendarPlan | None
) -> Manners | None:
    """Return how a flow behaves, or None after reporting what is wrong."""
    exclusive, undeliverable, wrong = False, False, False
    over: str | None = None
    messages: int | None = None
    days = 7
    late: Span | None = None
    for item in items:
        match item:
            case tree.Exclusive():
                exclusive = True
            case tree.OverLimit():
                over = _word(report, item.rule, RULES)
                wrong = wrong or over is None
            case tree.AtMost():
                if item.number.value != int(item.number.value) or item.number.value < 1:
                    report.error("SEQ515", item.number, "a whole number from 1 is wanted here")
                    wrong = True
                messages, days = int(item.number.value), DAYS[item.per]
            case tree.SkipLate():
                late = read_span(report, item.duration)
                wrong = wrong or late is None
            case tree.Undeliverable():
                undeliverable = _word(report, item.rule, ("skip",)) is not None
                wrong = wrong or not undeliverable
            case _:
                pass
    if wrong:
        return None
    return Manners(
        exclusive=exclusive,
        over_limit=cast("Literal['defer', 'skip', 'fail'] | None", over),
        messages=messages,
        messages_days=days,
        late_after=late,
        window=window,
        undeliverable_skip=undeliverable,
        domain_per_day=pace.messages_per_domain_per_day,
        all_flows_messages_per_week=pace.messages_per_contact_per_week,
        quiet=quiet,
    )


def admitted(scope: Scope, manners: Manners, node: tree.Admit | None) -> Manners:
    """Return the manners of a journey with its `admit at most`; one that is no whole number is reported."""
    if node is None:
        return manners
    if node.number.value != int(node.number.value) or node.number.value < 1:
        scope.report.error("SEQ515", node.number, "a whole number from 1 is wanted here")
    return manners.model_copy(update={"admit": int(node.number.value), "admit_per": node.per})


def _word(report: Reporter, name: tree.Name, words: tuple[str, ...]) -> str | None:
    if name.text in words:
        return name.text
    report.unknown(
        "SEQ414",
        name,
        f"`{name.text}` is not one of the words that fit here",
        name.text,
        words,
        text=False,
        none=f"write {' or '.join(f'`{w}`' for w in words)}",
    )
    return None
