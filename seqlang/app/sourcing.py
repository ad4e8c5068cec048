"""Records from elsewhere: what is new in each source, taken in with its mark, in one transaction a batch."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from seqlang.app.csv_rows import Row
from seqlang.app.importing import Load
from seqlang.app.imports import Import
from seqlang.app.opening import opened
from seqlang.app.set_aside import check_names, count_aside, set_aside, take_back
from seqlang.app.workspace import Workspace, rooted_table
from seqlang.beside import beside
from seqlang.clock import Clock, ManualClock, from_micros, to_micros
from seqlang.errors import NotFoundError, PluginError, SeqlangError, StoreError, UsageError
from seqlang.sdk.redaction import redact
from seqlang.sdk.sources import BatchRefusedError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.host import Host
    from seqlang.sdk.hooks import Source
    from seqlang.sdk.sources import SourceBatch
    from seqlang.store import Store
    from seqlang.vocabulary.settings import SourceEntry

BAD_ROWS_SHOWN = 20
LOOK_SECONDS = 1.0
Note = Callable[[str], None]


@dataclass(slots=True)
class Reading:
    """What one reading of one source did."""

    name: str
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: int = 0  # rows that were set aside
    problem: str | None = None  # why it could not be read, or not to its end

    def tell(self, part: str, why: str) -> None:
        """Add what is wrong with one part (a file), which the others do not suffer from."""
        said = f"{part}: {why}" if part else why
        self.problem = f"{self.problem}; {said}" if self.problem else said

    def record(self) -> dict[str, Any]:
        """Return it as data."""
        return asdict(self)

    @property
    def came(self) -> bool:
        """Whether there was any row."""
        return bool(self.added or self.updated or self.unchanged or self.bad)

    def line(self) -> str:
        """Return it for people."""
        aside = f", {self.bad} set aside" if self.bad else ""
        return f"{self.added} added, {self.updated} updated, {self.unchanged} unchanged{aside}"


@dataclass(frozen=True, slots=True)
class SourceShown:
    """One source of the project, and how far it is."""

    name: str
    kind: str
    record: str
    every_seconds: int
    rows: int  # all that were new, or changed a record
    bad: int  # rows that are set aside
    read_at: datetime | None
    problem: str | None

    def data(self) -> dict[str, Any]:
        """Return it as data."""
        return {**asdict(self), "read_at": self.read_at.isoformat() if self.read_at else None}


def list_sources(workspace: Workspace) -> list[SourceShown]:
    """Return all sources of the project, in the order of the settings."""
    from sqlalchemy import select

    from seqlang.host import load
    from seqlang.store import tables

    host = load(workspace.settings)
    with opened(workspace) as store, store.read() as conn:
        rows = {row.name: row for row in conn.execute(select(tables.source))}
        aside = count_aside(conn)
    found = []
    for name, entry in workspace.settings.sources.items():
        row = rows.get(name)
        read_at = from_micros(row.read_at) if row is not None and row.read_at is not None else None
        found.append(SourceShown(name, entry.kind, entry.record, _every(host, entry), row.rows if row else 0,
                                 aside.get(name, 0), read_at, row.problem if row else None))  # fmt: skip
    return found


def read_sources(workspace: Workspace, names: tuple[str, ...], at: datetime, note: Note) -> list[Reading]:
    """Read the named sources now (none named: all), whether or not their time has come."""
    from seqlang.host import load
    from seqlang.host.aside import printing_aside

    check_names(names, list(workspace.settings.sources))
    host = load(workspace.settings)
    with opened(workspace) as store:
        reader = SourceReader(store, host, workspace, ManualClock(at), note)
        with printing_aside():
            return [reader.read(name) for name in names or workspace.settings.sources]


@contextmanager
def sourcing(store: Store, host: Host, workspace: Workspace, clock: Clock, note: Note) -> Iterator[None]:
    """Read each source when its time has come, each in a thread of its own, while the block runs."""
    stop = threading.Event()

    def keep_reading(name: str) -> None:
        reader = SourceReader(store, host, workspace, clock, note)
        while not stop.wait(LOOK_SECONDS):
            try:
                if reader.is_due(name):
                    done = reader.read(name, stop)
                    if done.added or done.updated or done.bad:
                        note(f"source `{name}`: {done.line()}")
            except StoreError as broken:  # said by the loop of ticks, too
                note(f"warning: source `{name}`: {broken.message}")
                stop.wait(30 * LOOK_SECONDS)

    with beside(stop, [(f"source-{name}", partial(keep_reading, name)) for name in workspace.settings.sources]):
        yield


class SourceReader:
    """Reads sources into one database. What goes wrong with a source is its problem, and said once."""

    def __init__(self, store: Store, host: Host, workspace: Workspace, clock: Clock, note: Note) -> None:
        self._store, self._host, self._workspace, self._clock, self._note = store, host, workspace, clock, note

    def is_due(self, name: str) -> bool:
        """Tell whether its time has come."""
        row = self._row(name)
        return row is None or row.due_at is None or row.due_at <= to_micros(self._clock.now())

    def read(self, name: str, stop: threading.Event | None = None) -> Reading:
        """Read what is new, batch by batch; with `stop`, no further than the batch in hand."""
        from seqlang.host.timed import failure, is_of_plugin

        entry = self._workspace.settings.sources[name]
        reading = Reading(name)
        row, asked = self._row(name), _asked(entry)
        said = row.problem if row is not None else None
        mark = row.mark if row is not None and row.asked == asked else None
        try:
            self._host_reads(name, entry, mark, asked, reading, stop)
        except NotFoundError as broken:
            reading.problem = broken.message
        except StoreError:
            raise
        except (PluginError, SeqlangError) as broken:
            reading.problem = broken.message
        except BaseException as broken:  # a plugin may raise anything, and it must not stop the others
            if not is_of_plugin(broken):
                raise
            plain = isinstance(broken, ValueError | OSError)
            reading.problem = " ".join(str(broken).split()) if plain else failure(broken)
        reading.problem = redact(reading.problem) if reading.problem else None
        self._finish(name, entry, asked, reading)
        if reading.problem and reading.problem != said:
            self._note(f"warning: source `{name}`: {reading.problem}")
        return reading

    # --------------------------------------------------------------------------------------------------------------- parts

    def _host_reads(
        self, name: str, entry: SourceEntry, mark: str | None, asked: str, reading: Reading, stop: threading.Event | None
    ) -> None:
        from seqlang.host.host import close_quietly
        from seqlang.host.timed import call_timed
        from seqlang.limits import SOURCE_READ_SECONDS
        from seqlang.sdk.sources import SourceSettings

        folder = self._workspace.folder
        values = {key: rooted_table(value, folder) for key, value in entry.values.items()}  # `file` may be its own, too
        settings = SourceSettings(entry.kind, name, values, folder=folder)
        source: Source = self._host.open_source(entry.kind, settings)
        try:
            batches: Iterator[SourceBatch] | None = None
            refused: BatchRefusedError | None = None
            while stop is None or not stop.is_set():
                try:
                    if batches is None:  # where `read` is no generator, it reads right here
                        batches = call_timed(lambda: iter(source.read(mark)), SOURCE_READ_SECONDS)
                    batch = call_timed(partial(_following, batches, refused), SOURCE_READ_SECONDS)
                except TimeoutError:
                    reading.problem = f"it did not answer within {SOURCE_READ_SECONDS} seconds"
                    return
                if batch is None:
                    return
                refused = self._taken(name, entry, asked, batch, reading)
        finally:
            close_quietly(source)

    def _taken(self, name: str, entry: SourceEntry, asked: str, batch: SourceBatch, reading: Reading) -> BatchRefusedError | None:
        """Take in the rows of a batch and its mark, or neither; return why its columns do not fit."""
        if batch.broken is not None:
            reading.tell(batch.part, batch.broken)
            return None
        try:
            load = self._load(entry, batch)
        except UsageError as wrong:
            why = f"{wrong.message}: {_in_settings(wrong.hint)}" if wrong.hint else wrong.message
            if batch.part:
                reading.tell(batch.part, why)
            return BatchRefusedError(why)
        self._take(name, asked, batch, load, reading)
        return None

    def _load(self, entry: SourceEntry, batch: SourceBatch) -> Load:
        # Not every file of a pattern has every column.
        maps = tuple((column, field) for column, field in entry.maps.items() if column in batch.columns)
        wanted = Import(entry.record, entry.key, entry.tags, entry.lists, tuple(entry.sets.items()), maps)
        return Load(self._workspace, self._store, batch.columns, wanted, self._clock.now())

    def _take(self, name: str, asked: str, batch: SourceBatch, load: Load, reading: Reading) -> None:
        now = load.at
        rows = [Row(number, dict(row.cells), row.broken) for number, row in enumerate(batch.rows)]
        places = {number: row.place for number, row in enumerate(batch.rows)}

        def mark(conn: Connection) -> None:
            bad = [redact(f"{places[bad.line]}: {bad.reason}") for bad in load.result.bad]
            take_back(conn, name, places.values(), stay=bad)
            for reason in bad:
                set_aside(conn, now, name, reason)
            taken = load.result.added + load.result.updated
            self._mark(conn, name, {"mark": batch.mark or None, "asked": asked, "read_at": to_micros(now)}, taken)

        load.take(rows, mark)
        result = load.result
        for bad in sorted(result.bad, key=lambda b: b.line)[: max(0, BAD_ROWS_SHOWN - reading.bad)]:
            self._note(f"warning: source `{name}`: {places[bad.line]}: {bad.reason}")
        reading.added += result.added
        reading.updated += result.updated
        reading.unchanged += result.unchanged
        reading.bad += len(result.bad)

    def _finish(self, name: str, entry: SourceEntry, asked: str, reading: Reading) -> None:
        now = self._clock.now()
        due = now + timedelta(seconds=_every(self._host, entry))
        with self._store.begin() as conn:
            values = {"asked": asked, "read_at": to_micros(now), "due_at": to_micros(due), "problem": reading.problem}
            self._mark(conn, name, values, 0)

    def _mark(self, conn: Connection, name: str, values: dict[str, Any], taken: int) -> None:
        from seqlang.store import tables

        table = tables.source
        new = self._store.sql.insert(table).values(name=name, rows=taken, **values)
        grown = {**values, "rows": table.c.rows + taken}
        conn.execute(new.on_conflict_do_update(index_elements=["name"], set_=grown))

    def _row(self, name: str) -> Any:
        from sqlalchemy import select

        from seqlang.store import tables

        with self._store.read() as conn:
            return conn.execute(select(tables.source).where(tables.source.c.name == name)).first()


def _following(batches: Iterator[SourceBatch], refused: BatchRefusedError | None) -> SourceBatch | None:
    """Return the next batch, where the one before was refused with word of it; a source that knows no such word ends there."""
    if refused is None:
        return next(batches, None)
    if not isinstance(batches, Generator):
        raise refused
    try:
        found: SourceBatch | None = batches.throw(refused)
    except StopIteration:
        return None
    return found


def _in_settings(hint: str) -> str:
    """Return a hint of `import`, which speaks of options, in the words of `[sources.NAME]`."""
    mapped = re.sub(r'--map "([^"=]+)=([^"=]*)"', r'map = { "\1" = "\2" }', hint)
    return mapped.replace("--key FIELD", 'key = "FIELD"')


def _asked(entry: SourceEntry) -> str:
    """Return the hash of what a mark depends on: with other settings, everything is read anew."""
    data = [entry.kind, entry.record, entry.key, entry.tags, entry.lists, entry.sets, entry.maps, entry.values]
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def _every(host: Host, entry: SourceEntry) -> int:
    spec = next((s for s in host.words.sources if s.word == entry.kind), None)
    return entry.every_seconds or (spec.every_seconds if spec is not None else 300)
