"""`graph`: the picture of a flow, or of how the flows of a project feed one another, with counts if they are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from seqlang.app.project import check_project, load_project
from seqlang.app.workspace import Workspace
from seqlang.errors import NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    from seqlang.graph import FlowCount, Picture
    from seqlang.plan.model import FlowPlan, ProjectPlan
    from seqlang.store.reports import Funnel

Form = Literal["svg", "mermaid", "dot"]
ENDINGS: dict[str, Form] = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot"}


def form_of(path: str) -> Form:
    """Return the form that a file's name asks for; UsageError for another ending."""
    found = ENDINGS.get(Path(path).suffix.lower())
    if found is None:
        raise UsageError(f"`{path}` must end with .svg, .mmd or .dot")
    return found


def draw(workspace: Workspace, name: str | None, form: Form, *, counts: bool = False) -> str:
    """Return the picture of the flow `name` (None: of the project); `counts` asks the database. Files with errors are refused."""
    from seqlang import graph

    drawn = {"svg": graph.svg, "mermaid": graph.mermaid, "dot": graph.dot}[form]
    return drawn(_picture(workspace, name, counts=counts))


def _picture(workspace: Workspace, name: str | None, *, counts: bool) -> Picture:
    from seqlang.graph import flow_picture, project_picture

    checked = check_project(load_project(workspace))
    if checked.plan is None:
        count = checked.errors
        raise RefusedError(f"the project has {count} error{'' if count == 1 else 's'}", hint="`seqlang check` shows them")
    if name is None:
        return project_picture(checked.plan, {f.name: _count(workspace, f) for f in checked.plan.flows} if counts else None)
    flow = _flow(checked.plan, name)
    return flow_picture(flow, _count(workspace, flow) if counts else None)


def _flow(plan: ProjectPlan, name: str) -> FlowPlan:
    from seqlang.semantics.report import nearest

    found = next((flow for flow in plan.flows if flow.name == name), None)
    if found is None:
        near = nearest(name, [flow.name for flow in plan.flows])
        raise NotFoundError(f"there is no flow `{name}`", hint=f"did you mean `{near}`?" if near else None)
    return found


def _count(workspace: Workspace, flow: FlowPlan) -> FlowCount:
    """Return what the database knows of a flow; nothing where it does not know it."""
    from seqlang.app.reports import read_metrics
    from seqlang.graph import FlowCount

    try:
        return _counted(read_metrics(workspace, flow.name).funnel)
    except NotFoundError:
        return FlowCount(0, 0)


def _counted(funnel: Funnel) -> FlowCount:
    from seqlang.graph import FlowCount, StepCount

    return FlowCount(
        entered=funnel.entered,
        active=funnel.active,
        exits=tuple(funnel.exits.items()),
        goals=tuple(funnel.goals.items()),
        steps=tuple(
            (
                s.step,
                StepCount(
                    went_out=s.executed - s.cancelled - s.rejected,
                    skipped=sum(s.skipped.values()),
                    waiting=s.waiting,
                    opened=s.opened,
                    clicked=s.clicked,
                    replied=s.replied,
                    done=s.done,
                ),
            )
            for s in funnel.steps
        ),
        sides=tuple((s.split, s.side, s.contacts) for s in funnel.sides),
    )
