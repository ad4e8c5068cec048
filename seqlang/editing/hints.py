"""Dates beside the steps: what `day 3` is for someone who enters today."""

from __future__ import annotations

from datetime import datetime

from seqlang.editing.analysis import Analysis
from seqlang.editing.forecast import expected
from seqlang.frozen import Record
from seqlang.semantics.bodies import all_steps
from seqlang.syntax import tree


class Hint(Record):
    """A few words to be shown behind an offset."""

    offset: int
    text: str
    more: str  # shown when somebody points at it


def hints(analysis: Analysis, path: str, now: datetime) -> tuple[Hint, ...]:
    """Return the dates of the steps of a file, behind what says when they come."""
    module = analysis.module(path)
    found: list[Hint] = []
    for node in module.module.declarations if module is not None else ():
        flow = analysis.flows.get(node.name.value) if isinstance(node, tree.Flow) else None
        if flow is None or not isinstance(node, tree.Flow) or flow.source.path != path:
            continue
        checked = {step.name: step.node.timing for step in flow.steps}
        dates = expected(flow, now)
        for step in all_steps(node.items):
            when = dates.get(step.name.text)
            if step.timing is None or when is None or checked.get(step.name.text) != step.timing:
                continue  # it was edited since the last check
            words = when.words(now.date())
            rest = "" if when.sure else ", at the earliest"
            found.append(
                Hint(
                    step.timing.span.end,
                    words if when.sure else f"from {words}",
                    f"at {when.at:%H:%M} ({flow.zone}) for someone who enters today{rest}",
                )
            )
    return tuple(found)
