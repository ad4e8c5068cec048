"""`import --as event`: what happened elsewhere, from a CSV file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from seqlang.app.csv_rows import Row, Sheet, rows
from seqlang.app.imports import ROWS_PER_TRANSACTION, BadRow, Import, Imported
from seqlang.app.opening import opened
from seqlang.app.scenario_files import EVENT_COLUMNS, Reading, check_event_columns, read_happening
from seqlang.app.workspace import Workspace
from seqlang.errors import UsageError


def import_events(
    workspace: Workspace, sheet: Sheet, wanted: Import, at: datetime, progress: Callable[[int, int], None]
) -> Imported:
    """Record every event of the file; `at` is the present instant: later events are refused."""
    from seqlang.engine.telling import Told, subject_of, tell_all
    from seqlang.store.plans import all_flows
    from seqlang.store.statistics import renew

    for option, given in (("--key", wanted.key), ("--tag", wanted.tags), ("--list", wanted.lists), ("--set", wanted.sets)):
        if given:
            raise UsageError(f"`{option}` means nothing for events; they have the columns {','.join(EVENT_COLUMNS)}")
    check_event_columns(sheet)
    result = Imported()
    with opened(workspace) as store:
        with store.read() as conn:
            zones = {f.name: f.zone for f in all_flows(conn)}
        reading = Reading(store.catalogue, workspace.settings.timezone, zones, lambda _: None)
        chunk: list[tuple[Row, Told]] = []

        def write() -> None:
            with store.begin() as conn:
                problems = tell_all(conn, store, [told for _, told in chunk], recorded_at=at)
            result.bad.extend(BadRow(chunk[p.index][0].line, p.message) for p in problems)
            result.added += len(chunk) - len(problems)
            chunk.clear()

        for row in rows(sheet):
            if row.broken is not None:
                result.bad.append(BadRow(row.line, row.broken))
                continue
            try:
                happening = read_happening(reading, row.cells, "")
            except (ValueError, UsageError) as wrong:
                result.bad.append(BadRow(row.line, str(wrong)))
                continue
            record, key = (happening.record, happening.key) if happening.record else subject_of(happening.key)
            chunk.append(
                (
                    row,
                    Told(
                        at=happening.at,
                        record=record,
                        key=key,
                        kind=happening.kind,
                        sequence=happening.sequence,
                        step=happening.step,
                        value=happening.value,
                    ),
                )
            )
            if len(chunk) == ROWS_PER_TRANSACTION:
                write()
                progress(row.line - sheet.head_line, sheet.row_count)
        write()
        renew(store)
    progress(sheet.row_count, sheet.row_count)
    result.bad.sort(key=lambda b: b.line)
    return result
