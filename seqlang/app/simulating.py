"""`simulate`: a project and some CSV files, played over a span of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from seqlang.app.instants import read_instant
from seqlang.app.project import check_project, load_project
from seqlang.app.scenario_files import Reading, known_flows, read_happenings, read_records
from seqlang.app.workspace import Workspace, require_settings
from seqlang.errors import RefusedError, UsageError
from seqlang.plan.model import FlowPlan, ProjectPlan
from seqlang.plan.statements import Statements, statements_of
from seqlang.simulation.forecast import FlowFacts
from seqlang.simulation.lines import Line
from seqlang.simulation.scenario import NewRecord, Scenario


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to play."""

    contacts: str
    since: str
    until: str
    accounts: str | None = None
    deals: str | None = None
    events: str | None = None
    flows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playing:
    """A simulation that runs while its lines are read."""

    owners: dict[str, FlowFacts]
    lines: Iterator[Line]
    reading: Reading  # `bad`: how many rows of the files were left out
    contacts: int  # how many there are
    statements: Statements  # what those of the flows say


def play(workspace: Workspace, wanted: Wanted, warn: Callable[[str], None]) -> Playing:
    """Read everything and begin; UsageError and RefusedError where the files or the project cannot be used."""
    from seqlang.simulation.play import Cast, simulate

    plan = project_plan(workspace)
    known_flows(wanted.flows, [f.name for f in plan.flows])
    since = read_instant(wanted.since, plan.zone, "--from")
    until = read_instant(wanted.until, plan.zone, "--until")
    if until <= since:
        raise UsageError("`--until` is not later than `--from`: there is nothing to play")
    reading = Reading(plan.catalogue.data, plan.zone, {f.name: f.zone for f in plan.flows}, warn)
    records: list[NewRecord] = []
    for path, record in ((wanted.accounts, "account"), (wanted.contacts, "contact"), (wanted.deals, "deal")):
        if path is not None:
            records += read_records(reading, path, record)
    happenings = read_happenings(reading, wanted.events, since, until) if wanted.events else []
    scenario = Scenario(since, until, tuple(records), tuple(happenings), wanted.flows)
    cast = Cast(plan, workspace.settings.users, wanted.flows)
    played = [f for f in plan.flows if not wanted.flows or f.name in wanted.flows]
    zones = {user.email.lower(): user.timezone for user in workspace.settings.users if user.timezone}
    facts = {f.name: facts_of(f, zones.get((f.owner or "").lower())) for f in played}
    people = sum(record.record == "contact" for record in records)
    return Playing(facts, simulate(cast, scenario, warn, reading.note_failure), reading, people, statements_of(played))


def project_plan(workspace: Workspace) -> ProjectPlan:
    """Return the plan of the project; RefusedError where its files have errors."""
    require_settings(workspace)
    checked = check_project(load_project(workspace))
    if checked.plan is None:
        first = next(d for d in checked.diagnostics if d.severity == "error")
        line, column = first.source.position(first.span.start)
        more = f" and {checked.errors - 1} more" if checked.errors > 1 else ""
        raise RefusedError(
            f"the project has errors: {first.source.path}:{line}:{column}: {first.message}{more}",
            hint="`seqlang check` lists them",
        )
    return checked.plan


def facts_of(flow: FlowPlan, owners_zone: str | None = None) -> FlowFacts:
    """Return what the forecast needs to know of a flow."""
    sends = [s for s in flow.steps if s.effect == "message" and s.address is not None]
    return FlowFacts(
        flow.owner,
        frozenset(s.key for s in flow.steps if s.effect == "message"),
        frozenset(s.key for s in flow.steps if s.effect == "todo" or s.draft),
        flow.limits,
        {s.key: s.limit or "message" for s in sends},
        owners_zone or flow.zone,
    )
