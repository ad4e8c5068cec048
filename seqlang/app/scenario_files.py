"""The files that `simulate` reads: contacts, accounts, deals and events, as a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from seqlang.app.csv_rows import Sheet, open_sheet, rows
from seqlang.app.instants import read_instant
from seqlang.app.record_rows import plan_columns, read_row, record_spec, suggestion
from seqlang.engine.telling_told import HAPPENINGS
from seqlang.errors import UsageError
from seqlang.simulation.scenario import Happening, NewRecord
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED, Catalogue

EVENT_COLUMNS = ("at", "contact", "kind", "sequence", "step", "value")
Warn = Callable[[str], None]


@dataclass(slots=True)
class Reading:
    """What all files of one simulation share."""

    catalogue: Catalogue
    zone: str  # the project's
    zones: Mapping[str, str]  # of each flow
    warn: Warn
    bad: int = 0  # rows that were left out
    failed: bool = False  # a run of a flow had to be set aside

    def note_failure(self) -> None:
        """Note that a run of a flow had to be set aside."""
        self.failed = True

    def broken(self, sheet: Sheet, line: int, reason: str) -> None:
        """Say that a row is left out."""
        self.bad += 1
        self.warn(f"{sheet.path}:{line}: {reason}; the row is left out")


def read_records(reading: Reading, path: str, record: str) -> list[NewRecord]:
    """Return the records of a file, in its order."""
    sheet = open_sheet(path)
    spec = record_spec(reading.catalogue, record)
    columns = plan_columns(sheet.columns, spec)
    for unknown in columns.unknown:
        reading.warn(f"{sheet.path}: there is no field {unknown}; the column is left out")
    subscribed = record == "contact" and not columns.has("subscriptions")
    found = []
    for row in rows(sheet):
        if row.broken is not None:
            reading.broken(sheet, row.line, row.broken)
            continue
        try:
            read = read_row(row, columns, reading.zone)
        except ValueError as wrong:
            reading.broken(sheet, row.line, str(wrong))
            continue
        values = {**read.values, "subscriptions": (SUBSCRIPTION_MARKETED,)} if subscribed else read.values
        created = values.get("created_at")
        found.append(
            NewRecord(
                record,
                values,
                created if isinstance(created, datetime) else None,
                read.tags,
                read.lists,
                f"{sheet.path}:{row.line}",
            )
        )
    return found


def read_happenings(reading: Reading, path: str, since: datetime, until: datetime) -> list[Happening]:
    """Return the events of the span, in the order of the file; those outside of it are left out."""
    sheet = open_sheet(path)
    check_event_columns(sheet)
    found: list[Happening] = []
    early = 0
    for row in rows(sheet):
        if row.broken is not None:
            reading.broken(sheet, row.line, row.broken)
            continue
        try:
            happening = read_happening(reading, row.cells, f"{sheet.path}:{row.line}")
        except (ValueError, UsageError) as wrong:
            reading.broken(sheet, row.line, wrong.message if isinstance(wrong, UsageError) else str(wrong))
            continue
        if happening.at >= until:
            continue
        early += happening.at < since
        found.append(happening)
    return found


def check_event_columns(sheet: Sheet) -> None:
    """Raise UsageError where the file lacks a column of events, or has another one."""
    missing = [c for c in ("at", "contact", "kind") if c not in sheet.columns]
    if missing:
        raise UsageError(f"`{sheet.path}` has no column `{missing[0]}`; events have the columns {','.join(EVENT_COLUMNS)}")
    odd = [c for c in sheet.columns if c and c not in EVENT_COLUMNS]
    if odd:
        raise UsageError(f"`{sheet.path}`: there is no column `{odd[0]}` of events{suggestion(odd[0], EVENT_COLUMNS)}")


def read_happening(reading: Reading, cells: Mapping[str, str], place: str) -> Happening:
    """Return the event of one row; ValueError or UsageError with the reason where it is none."""
    kind, who, flow = cells["kind"], cells["contact"], cells.get("sequence") or None
    if kind not in HAPPENINGS:
        near = suggestion(kind, HAPPENINGS) or f" (an event of your own has the kind `event` and the value `{kind}`)"
        raise ValueError(f"there is no kind of event `{kind}`{near}")
    if not who:
        raise ValueError("the cell `contact` is empty")
    if flow is not None and flow not in reading.zones:
        raise ValueError(f"there is no sequence `{flow}`{suggestion(flow, list(reading.zones))}")
    at = read_instant(cells["at"], reading.zones.get(flow or "", reading.zone), "at")
    record = "deal" if who.startswith("deal:") else None
    return Happening(
        at,
        record,
        who.removeprefix("deal:").strip() if record else who,
        kind,
        flow,
        cells.get("step") or None,
        cells.get("value") or None,
        place,
    )


def known_flows(wanted: Sequence[str], there: Sequence[str]) -> None:
    """Raise UsageError, with a suggestion, for a flow that the project does not have."""
    for name in wanted:
        if name not in there:
            raise UsageError(f"there is no flow `{name}`{suggestion(name, there)}")
