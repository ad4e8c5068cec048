"""`list`: who is in a view, meets a condition, is in a flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqlang.app.opening import opened
from seqlang.app.project import load_project
from seqlang.app.record_rows import record_spec, suggestion
from seqlang.app.workspace import Workspace
from seqlang.clock import SystemClock
from seqlang.errors import NotFoundError, UsageError
from seqlang.store.cells import Value, cell_text, loaded
from seqlang.vocabulary.records import RecordSpec

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.plan.conditions import Condition
    from seqlang.store import Store

SHOWN_MAX = 10  # columns of a table
QUIET = ("created_at", "updated_at", "subscriptions", "timezone", "last_contacted_mode", "last_activity_type")


@dataclass(frozen=True, slots=True)
class Listing:
    """Records and their fields."""

    spec: RecordSpec
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    tags: tuple[tuple[str, ...], ...]
    lists: tuple[tuple[str, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """Return each as data: instants and dates as ISO texts, links by the names of their records."""
        found = []
        for row, tags, lists in zip(self.rows, self.tags, self.lists, strict=True):
            plain = {c: self._plain(c, v) for c, v in zip(self.columns, row, strict=True)}
            found.append({**plain, "tags": list(tags), "lists": list(lists)})
        return found

    def _plain(self, column: str, value: Value) -> Any:
        field = self.spec.field(column)
        if value is None or isinstance(value, str | int | float | bool) or field is None:
            return value
        return list(value) if isinstance(value, tuple) else cell_text(field, value)

    def filled(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return the columns that say something, and the rows as texts."""
        used = [i for i, c in enumerate(self.columns) if c not in QUIET and any(row[i] is not None for row in self.rows)][
            :SHOWN_MAX
        ]
        fields = [self.spec.field(self.columns[i]) for i in used]
        rows = [tuple(cell_text(f, row[i]) if f else "" for i, f in zip(used, fields, strict=True)) for row in self.rows]
        return tuple(self.columns[i] for i in used), rows


def list_records(
    workspace: Workspace, record: str, *, view: str | None = None, where: str | None = None, sequence: str | None = None
) -> Listing:
    """Return the records, by their key. UsageError for a condition that is none, NotFoundError for unknown names."""
    with opened(workspace) as store, store.read() as conn:
        spec = record_spec(store.catalogue, record)
        conditions = []
        if view is not None:
            conditions.append(_view(conn, view, record))
        if where is not None:
            conditions.append(read_where(workspace, store, record, where))
        return _select(conn, store, spec, conditions, workspace.settings.timezone, sequence)


def read_where(workspace: Workspace, store: Store, record: str, text: str) -> Condition:
    """Return a condition that somebody typed, on records of one type; UsageError where it is none."""
    from dataclasses import replace

    from seqlang.diagnostics.source import Source
    from seqlang.semantics.conditions import read_condition
    from seqlang.semantics.names import collect_names
    from seqlang.semantics.report import Reporter
    from seqlang.semantics.scope import record_scope
    from seqlang.syntax.parse import parse_condition

    source = Source("--where", text)
    node, diagnostics = parse_condition(source)
    found = [d for d in diagnostics if d.severity == "error"]
    condition = None
    if node is not None and not found:
        names = collect_names(load_project(workspace).text, [])
        # What was applied is what the database has columns for.
        known = {r.name: r for r in store.catalogue.records}
        names = replace(
            names, catalogue=store.catalogue, records=known, fields={n: {f.name: f for f in r.fields} for n, r in known.items()}
        )
        sink: list[Any] = []
        condition = read_condition(record_scope(names, Reporter(source, sink), record, workspace.settings.timezone), node)
        found = [d for d in sink if d.severity == "error"]
    if found or condition is None:
        first = found[0] if found else None
        _, column = source.position(first.span.start) if first else (1, 1)
        said = f"{first.message}" if first else "it is no condition"
        raise UsageError(f"--where, column {column}: {said}", hint=first.hint if first else None)
    return condition


def _view(conn: Connection, name: str, record: str) -> Condition:
    from pydantic import TypeAdapter
    from sqlalchemy import select

    from seqlang.plan.conditions import Condition as AnyCondition
    from seqlang.store import tables

    rows = {r.name: r for r in conn.execute(select(tables.view))}
    if name not in rows:
        near = suggestion(name, list(rows))
        raise NotFoundError(f"there is no view `{name}` in the database{near}", hint="`seqlang apply` brings the project's views")
    if rows[name].record != record:
        raise UsageError(
            f"`{name}` is a view of {rows[name].record}s, not of {record}s", hint=f"`seqlang list {rows[name].record}`"
        )
    found: Condition = TypeAdapter(AnyCondition).validate_json(rows[name].condition)
    return found


def _select(
    conn: Connection, store: Store, spec: RecordSpec, conditions: list[Condition], zone: str, sequence: str | None
) -> Listing:
    from sqlalchemy import select

    from seqlang.predicates import Subject, to_sql
    from seqlang.store import tables
    from seqlang.store.lists_tags import lists_of, tags_of
    from seqlang.store.plans import get_flow
    from seqlang.store.records import names

    table = store.records(spec.name)
    contact = table.c.id if spec.name == "contact" else table.c.f_contact if "f_contact" in table.c else None
    subject = Subject(
        record=spec.name, row=table, contact_id=contact, enrolment=None, flow_id=None, zone=zone, at=SystemClock().now()
    )
    columns = [store.column(spec.name, f.name) for f in spec.fields]
    query = select(table.c.id, *columns).where(*(to_sql(c, subject, store) for c in conditions))
    if sequence is not None:
        flow = get_flow(conn, sequence)
        stay = tables.enrolment
        inside = select(stay.c.record_id if flow.record == spec.name else stay.c.contact_id).where(
            stay.c.flow_id == flow.id, stay.c.active
        )
        query = query.where(table.c.id.in_(inside))
    found = conn.execute(query.order_by(store.column(spec.name, spec.key), table.c.id)).all()
    rows = [[loaded(f, v) for f, v in zip(spec.fields, row[1:], strict=True)] for row in found]
    for index, field in enumerate(spec.fields):
        if field.type == "link" and field.link:
            known = names(conn, store, field.link, {int(str(r[index])) for r in rows if r[index] is not None})
            for row in rows:
                row[index] = known.get(int(str(row[index]))) if row[index] is not None else None
    ids = [row[0] for row in found]
    tags, lists = tags_of(conn, spec.name, ids), lists_of(conn, spec.name, ids)
    return Listing(
        spec,
        tuple(f.name for f in spec.fields),
        tuple(tuple(r) for r in rows),
        tuple(tags.get(i, ()) for i in ids),
        tuple(lists.get(i, ()) for i in ids),
    )
