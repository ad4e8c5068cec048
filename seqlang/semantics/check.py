"""All checks of a project, in their order, and what they leave for the compiler."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.frozen import Record
from seqlang.plan.conditions import Condition
from seqlang.plan.model import CalendarPlan
from seqlang.semantics.calendars import read_calendar
from seqlang.semantics.checked import CheckedFlow
from seqlang.semantics.circles import check_circles
from seqlang.semantics.flow_sense import check_flows
from seqlang.semantics.flows import Surroundings, flow_steps, read_flow
from seqlang.semantics.mailboxes import check_mailboxes
from seqlang.semantics.names import Names, collect_names
from seqlang.semantics.overlaps import check_overlaps
from seqlang.semantics.pacing import check_pace
from seqlang.semantics.policies import check_policies, settings_place, settings_source
from seqlang.semantics.project import ProjectText
from seqlang.semantics.reach import check_reach
from seqlang.semantics.report import Reporter
from seqlang.semantics.scope import StepInfo
from seqlang.semantics.sense import check_sense
from seqlang.semantics.settle import settle
from seqlang.semantics.sources import check_sources
from seqlang.semantics.starving import check_starving
from seqlang.semantics.templates import Contents
from seqlang.semantics.trials import CheckedTest, read_test
from seqlang.semantics.unused import check_unused
from seqlang.semantics.views import check_constants, read_views
from seqlang.syntax import tree


class CheckedProject(Record):
    """A project with every name resolved and every value typed, as far as it is right."""

    diagnostics: tuple[Diagnostic, ...]  # in file order
    names: Names
    views: tuple[tuple[str, str, Condition], ...]
    flows: tuple[CheckedFlow, ...]  # those without a mistake
    contents: Mapping[str, bytes]  # sha256 -> templates and attachments that are used
    tests: tuple[CheckedTest, ...]


def check_project(text: ProjectText) -> CheckedProject:
    """Run every check over a project; mistakes are collected, none stops the others."""
    sink: list[Diagnostic] = []
    names = collect_names(text, sink)
    check_constants(names, sink)
    calendars = {name: read_calendar(Reporter(c.source, sink), c.node) for name, c in names.calendars.items()}
    views = read_views(names, text.settings.timezone or "UTC", sink)
    contents = Contents(text)
    around = Surroundings(text, names, calendars, contents, _quiet(text, names, calendars, sink), sink)
    flows = tuple(flow for item in names.flows.values() if (flow := read_flow(around, item.node, item.source)) is not None)
    check_circles(names, sink)
    check_policies(text, names, sink)
    check_mailboxes(text, names, sink)
    if text.settings.users:
        from seqlang.semantics.colleagues import check_colleagues  # few projects list them

        check_colleagues(text, names, sink)
    if text.settings.web.url is not None:
        from seqlang.semantics.sites import check_site  # few projects have one

        check_site(text, names, sink)
    check_sources(text, names, sink)
    if text.settings.rules or text.settings.plan or text.settings.plans:
        from seqlang.semantics.brought import check_brought  # few projects have rules or plans

        check_brought(text, sink)
    by_name = {flow.name: flow for flow in flows}
    tests = tuple(
        read_test(names, contents, by_name, _steps_of(around, names), Reporter(module.source, sink), node)
        for module in text.modules
        for node in module.module.declarations
        if isinstance(node, tree.Test)
    )
    check_sense(names)
    check_flows(flows, names, sink)
    check_reach(flows, names, sink)
    check_overlaps(flows, names, sink)
    check_pace(flows, names, text.settings.pace.messages_per_contact_per_week, sink)
    check_starving(text, flows, sink)
    check_unused(names, sink)
    sink.extend(text.further)
    return CheckedProject(settle(text, sink), names, views, flows, contents.by_hash, tests)


def _steps_of(around: Surroundings, names: Names) -> Callable[[str], dict[str, StepInfo]]:
    """Return what gives the steps of a flow by its name, also of one with mistakes."""

    def steps(name: str) -> dict[str, StepInfo]:
        found = names.flows.get(name)
        return flow_steps(around, found.node, found.source) if found is not None else {}

    return steps


def _quiet(text: ProjectText, names: Names, calendars: Mapping[str, CalendarPlan], sink: list[Diagnostic]) -> CalendarPlan | None:
    """Return the calendar that `quiet` of `[pace]` names."""
    name = text.settings.pace.quiet
    if name is None:
        return None
    names.used.add(("calendar", name))
    if name not in calendars:
        Reporter(settings_source(text), sink).unknown(
            "SEQ235", settings_place(text, "pace", "quiet"), f"there is no calendar `{name}`", name, calendars, text=True
        )
    return calendars.get(name)
