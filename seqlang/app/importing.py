"""`import`: records from a CSV file, good rows in, bad rows named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from seqlang.app.csv_rows import Row, open_sheet, rows
from seqlang.app.imports import ROWS_PER_TRANSACTION, BadRow, Import, Imported, Progress
from seqlang.app.opening import opened
from seqlang.app.record_rows import Columns, Read, plan_columns, read_row, record_spec, suggestion
from seqlang.app.workspace import Workspace
from seqlang.errors import UsageError
from seqlang.store.cells import Value, parse_cell
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED, RecordSpec

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store import Store

NEVER_IMPORTED = "the engine keeps it"
ROWS_PER_LOOK = 10_000  # after so many the database looks at its tables anew


def import_file(workspace: Workspace, path: str, wanted: Import, at: datetime, progress: Progress) -> Imported:
    """Add or update records; each thousand rows are one transaction, so that an interruption leaves whole ones."""
    sheet = open_sheet(path)
    if wanted.record == "event":
        from seqlang.app.importing_events import import_events

        return import_events(workspace, sheet, wanted, at, progress)
    from seqlang.store.statistics import renew

    with opened(workspace, create=True) as store:
        load = _load(workspace, store, sheet.columns, wanted, at)
        done = looked_at = 0
        for chunk in _chunks(rows(sheet)):
            load.take(chunk)
            done = chunk[-1].line - sheet.head_line
            if done >= looked_at + ROWS_PER_LOOK:
                looked_at = done
                renew(store)
            progress(done, sheet.row_count)
        renew(store)
    progress(sheet.row_count, sheet.row_count)
    load.result.bad.sort(key=lambda b: b.line)
    return load.result


def _load(workspace: Workspace, store: Store, columns: Sequence[str], wanted: Import, at: datetime) -> Load:
    """Fit the columns to the record; what only the files declare yet is put in first, for an import may come before `apply`."""
    try:
        return Load(workspace, store, columns, wanted, at)
    except UsageError:
        from seqlang.app.declaring import declare_new

        if not declare_new(workspace, store):
            raise
        return Load(workspace, store, columns, wanted, at)


class Load:
    """One import under way. UsageError: the columns do not fit the record."""

    def __init__(self, workspace: Workspace, store: Store, columns: Sequence[str], wanted: Import, at: datetime) -> None:
        self.store, self.wanted, self.at = store, wanted, at
        self.zone = workspace.settings.timezone
        with store.read():
            self.spec: RecordSpec = record_spec(store.catalogue, wanted.record)
            self.columns = self._columns(columns)
            self.sets = self._fixed()
        self.key = self._key()
        self.result = Imported()
        self.users = {u.email.lower() for u in workspace.settings.users}

    def _columns(self, columns: Sequence[str]) -> Columns:
        found = plan_columns(columns, self.spec, dict(self.wanted.maps))
        if found.unknown:
            column = found.unknown[0].split("`")[1]
            raise UsageError(
                f"`{self.spec.name}` has no field {found.unknown[0]}",
                hint=f'name one with `--map "{column}=FIELD"`, or leave the column out with `--map "{column}="`',
            )
        kept = next((f.name for _, f in found.fields if f.engine), None)
        if kept is not None:
            raise UsageError(f"`{kept}` cannot be imported: {NEVER_IMPORTED}", hint=f'leave it out with `--map "{kept}="`')
        return found

    def _fixed(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, text in self.wanted.sets:
            spec = self.spec.field(name)
            if spec is None:
                raise UsageError(f"`{self.spec.name}` has no field `{name}`{self._near(name)}")
            if spec.engine:
                raise UsageError(f"`{name}` cannot be set: {NEVER_IMPORTED}")
            try:
                found[name] = parse_cell(spec, text, self.zone)
            except ValueError as wrong:
                raise UsageError(str(wrong)) from None
        return found

    def _near(self, name: str) -> str:
        return suggestion(name, [f.name for f in self.spec.fields])

    def _key(self) -> str:
        key = self.wanted.key or self.spec.key
        if self.spec.field(key) is None:
            raise UsageError(f"`{self.spec.name}` has no field `{key}`{self._near(key)}")
        if not self.columns.has(key) and key not in self.sets:
            raise UsageError(
                f"the file has no column for `{key}`, which says whose row it is",
                hint=f'`--map "COLUMN={key}"` names it, `--key FIELD` takes another field',
            )
        return key

    def take(self, chunk: Sequence[Row], beside: Callable[[Connection], None] | None = None) -> None:
        """Write one chunk of rows, in one transaction, and in it what the caller writes `beside`."""
        good: list[tuple[Row, Read]] = []
        for row in chunk:
            reason = row.broken
            if reason is None:
                try:
                    read = read_row(row, self.columns, self.zone)
                except ValueError as wrong:
                    reason = str(wrong)
                else:
                    read.values.update(self.sets)
                    if read.values.get(self.key) not in (None, ""):
                        good.append((row, read))
                        continue
                    reason = f"`{self.key}` is empty, and it says whose row this is"
            self.result.bad.append(BadRow(row.line, reason))
        if not good and beside is None:
            return
        with self.store.begin() as conn:
            self._write(conn, self._linked(conn, good))
            if beside is not None:
                beside(conn)

    def _linked(self, conn: Connection, good: list[tuple[Row, Read]]) -> list[Read]:
        """Replace the keys of links by the ids of their records; a row whose link leads nowhere is bad."""
        from seqlang.store.records import find

        links = [f for f in self.spec.fields if f.type == "link" and f.link and (self.columns.has(f.name) or f.name in self.sets)]
        bad: dict[int, str] = {}
        for spec in links:
            keys = {str(read.values[spec.name]) for _, read in good if read.values.get(spec.name) is not None}
            assert spec.link is not None
            if spec.link == "user":
                self._know_users(conn, keys)
            ids = {k.lower(): v for k, v in find(conn, self.store, spec.link, sorted(keys)).items()} if keys else {}
            for row, read in good:
                told = read.values.get(spec.name)
                if told is None:
                    continue
                found = ids.get(str(told).lower())
                if found is None:
                    bad.setdefault(row.line, f"there is no {spec.link} `{told}` for `{spec.name}`")
                read.values[spec.name] = found
        self.result.bad.extend(BadRow(line, reason) for line, reason in bad.items())
        return [read for row, read in good if row.line not in bad]

    def _know_users(self, conn: Connection, keys: Iterable[str]) -> None:
        """A colleague whom the settings do not list exists with that address and the default role."""
        from seqlang.store.records import find, upsert

        known = {k.lower() for k in find(conn, self.store, "user", sorted(keys))}
        fresh = [{"email": k.lower()} for k in sorted({k.lower() for k in keys} - known) if "@" in k]
        if fresh:
            upsert(conn, self.store, "user", fresh, at=self.at)

    def _write(self, conn: Connection, reads: list[Read]) -> None:
        from seqlang.store.records import find, upsert

        if not reads:
            return
        keys = [str(r.values[self.key]) for r in reads]
        if self.spec.name == "contact" and not self.columns.has("subscriptions") and "subscriptions" not in self.sets:
            known = {k.lower() for k in find(conn, self.store, "contact", keys, key=self.key)}
            for read, key in zip(reads, keys, strict=True):
                if key.lower() not in known:
                    read.values["subscriptions"] = (SUBSCRIPTION_MARKETED,)
        done = upsert(conn, self.store, self.spec.name, [r.values for r in reads], at=self.at, key=self.key)
        marked = self._mark(conn, list(done.ids), reads)
        added = set(done.created)
        updated = (set(done.updated) | marked) - added
        self.result.added += len(added)
        self.result.updated += len(updated)
        self.result.unchanged += len(reads) - len(added) - len(updated)

    def _mark(self, conn: Connection, ids: list[int], reads: list[Read]) -> set[int]:
        """Put on tags and lists; return the records that have a new one."""
        from seqlang.store.lists_tags import add_tags, add_to_lists

        tags: dict[str, list[int]] = {}
        lists: dict[str, list[int]] = {}
        for number, read in zip(ids, reads, strict=True):
            for tag in (*read.tags, *self.wanted.tags):
                tags.setdefault(tag, []).append(number)
            for name in (*read.lists, *self.wanted.lists):
                lists.setdefault(name, []).append(number)
        marked = add_tags(conn, self.store, self.spec.name, tags, at=self.at)
        return marked | add_to_lists(conn, self.store, self.spec.name, lists, at=self.at)


def _chunks(found: Iterator[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in found:
        chunk.append(row)
        if len(chunk) == ROWS_PER_TRANSACTION:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
