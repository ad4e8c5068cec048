"""The whole road on one screen: the texts of a project to its diagnostics and its plan."""

from __future__ import annotations

from collections.abc import Mapping

from seqlang.compiler.flows import plan_flow
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.frozen import Record
from seqlang.plan.model import CataloguePlan, ProjectPlan
from seqlang.semantics.check import check_project
from seqlang.semantics.limits import flow_limits
from seqlang.semantics.project import NOTHING, ProjectText
from seqlang.semantics.trials import CheckedTest


class Checked(Record):
    """What is known of a project after checking it."""

    diagnostics: tuple[Diagnostic, ...]  # of all files, in file order
    plan: ProjectPlan | None  # None: there are errors
    contents: Mapping[str, bytes] = NOTHING  # sha256 -> templates and attachments of the plan
    tests: tuple[CheckedTest, ...] = ()
    not_running: Mapping[str, tuple[str, ...]] = NOTHING  # flow -> what of it does not run yet

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return sum(d.severity == "error" for d in self.diagnostics)


def compile_project(text: ProjectText) -> Checked:
    """Return the diagnostics of all files and, where none is an error, the plan; the same text gives the same bytes."""
    model = check_project(text)
    if any(d.severity == "error" for d in model.diagnostics):
        return Checked(model.diagnostics, None, tests=model.tests)
    settings = text.settings
    plan = ProjectPlan(
        name=settings.name,
        zone=settings.timezone,
        catalogue=CataloguePlan(data=model.names.catalogue, views=model.views),
        flows=tuple(plan_flow(flow, flow_limits(settings, text.words, flow.kind, flow.owner)) for flow in model.flows),
    )
    return Checked(model.diagnostics, plan, dict(model.contents), model.tests)
