"""From texts to what the oracle plays: a project folder and CSV files to a plan and a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqlang.app.instants import read_instant
from seqlang.app.project import check_project, load_project
from seqlang.app.scenario_files import Reading, read_happenings, read_records
from seqlang.app.workspace import open_workspace
from seqlang.plan.model import ProjectPlan
from seqlang.simulation.scenario import Happening, NewRecord, Scenario
from seqlang.vocabulary.settings import UserSettings
from tests.oracle.play import as_json, play

RECORDS = {"contacts": "contact", "accounts": "account", "deals": "deal"}


class BadProjectError(Exception):
    """The project has errors."""


@dataclass(frozen=True, slots=True)
class Played:
    """A project with its scenario."""

    plan: ProjectPlan
    scenario: Scenario
    users: tuple[UserSettings, ...] = ()

    def timeline(self) -> list[dict[str, str | None]]:
        """Return the oracle's timeline as `simulate --format json` would print it."""
        zones = {flow.name: flow.zone for flow in self.plan.flows}
        return [as_json(line, zones[line.flow]) for line in play(self.plan, self.scenario, self.users)]


def read(folder: Path, files: Mapping[str, Path], since: str, until: str, flows: Sequence[str] = ()) -> Played:
    """Read a project and the files of a simulation; BadProjectError where the project has errors."""
    workspace = open_workspace(str(folder))
    checked = check_project(load_project(workspace))
    if checked.plan is None:
        raise BadProjectError("\n".join(f"{d.code} {d.message}" for d in checked.diagnostics if d.severity == "error"))
    plan = checked.plan
    reading = Reading(plan.catalogue.data, plan.zone, {flow.name: flow.zone for flow in plan.flows}, lambda _: None)
    first, last = (read_instant(text, plan.zone, "from") for text in (since, until))
    records: list[NewRecord] = []
    for name, kind in RECORDS.items():
        if name in files:
            records += read_records(reading, str(files[name]), kind)
    happenings: list[Happening] = []
    if "events" in files:
        happenings = read_happenings(reading, str(files["events"]), first, last)
    return Played(plan, Scenario(first, last, tuple(records), tuple(happenings), tuple(flows)), workspace.settings.users)
