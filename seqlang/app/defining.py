"""`diff` and `apply`: what the files say against what the database holds, and for whom who is under way what changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from seqlang.app.flow_changes import Change, compare_flow
from seqlang.app.opening import opened
from seqlang.app.project import check_project, load_project
from seqlang.app.workspace import Workspace, require_settings
from seqlang.errors import RefusedError
from seqlang.plan.model import ProjectPlan, digest

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.compiler import Checked
    from seqlang.store import Store
    from seqlang.store.plans import FlowRow
    from seqlang.vocabulary.records import FieldSpec, RecordSpec
    from seqlang.vocabulary.settings import ProjectSettings


KEPT = "its values stay in the database"


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs, and why it cannot be applied."""

    checked: Checked
    lines: tuple[Change, ...]
    refusals: tuple[str, ...]


def find_changes(workspace: Workspace, *, create: bool = False) -> Changes:
    """Compare files and database. RefusedError where the files have errors; without a database everything is new."""
    require_settings(workspace)
    checked = checked_project(workspace)
    if not create and _missing(workspace.database):
        from seqlang.store import Store

        store = Store.in_memory()
        try:
            with store.read() as conn:
                return compare(conn, store, checked, workspace.settings)
        finally:
            store.close()
    with opened(workspace, create=create) as store, store.read() as conn:
        return compare(conn, store, checked, workspace.settings)


def checked_project(workspace: Workspace) -> Checked:
    """Return the project as it was checked; RefusedError where it has errors."""
    checked = check_project(load_project(workspace))
    if checked.plan is None:
        errors = [d for d in checked.diagnostics if d.severity == "error"]
        line, column = errors[0].source.position(errors[0].span.start)
        more = f" (and {len(errors) - 1} more errors)" if len(errors) > 1 else ""
        place = f"{errors[0].source.path}:{line}:{column}"
        raise RefusedError(f"{place}: {errors[0].message}{more}", hint="`seqlang check` lists them")
    return checked


def apply_changes(workspace: Workspace, changes: Changes, at: datetime) -> None:
    """Apply, in one transaction; RefusedError where the database has changed meanwhile so that it cannot be done."""
    from seqlang.store.statistics import renew

    with opened(workspace, create=True) as store:
        with store.begin() as conn:
            put_in(conn, store, changes.checked, workspace.settings, at)
        renew(store)


def put_in(conn: Connection, store: Store, checked: Checked, settings: ProjectSettings, at: datetime) -> None:
    """Put what a checked project says into the store; RefusedError where it must not be done, and then nothing is."""
    from seqlang.simulation.world import install_project

    plan = checked.plan
    assert plan is not None
    now = compare(conn, store, checked, settings)
    if now.refusals:
        raise RefusedError("; ".join(now.refusals))
    changed = {c.name for c in now.lines if c.kind not in ("record", "event", "list", "view")}
    flows = [f for f in plan.flows if f.name in changed]
    install_project(conn, store, plan, settings.users, at, contents=checked.contents, flows=flows)
    _keep_positions(conn, plan)
    _watch(conn, plan)


def compare(conn: Connection, store: Store, checked: Checked, settings: ProjectSettings) -> Changes:
    """Return what differs between a checked project and the database."""
    from seqlang.app.allowances import too_many
    from seqlang.store.plans import all_flows

    plan = checked.plan
    assert plan is not None
    lines = [*_data(store, plan), *_views(conn, plan)]
    refusals = [f"`{name}` uses {', '.join(parts)}, which does not run yet" for name, parts in checked.not_running.items()]
    known: dict[str, FlowRow] = {f.name: f for f in all_flows(conn)}
    for flow in plan.flows:
        row = known.get(flow.name)
        if row is None:
            steps = len(flow.steps)
            lines.append(Change(flow.kind, flow.name, "new", (f"{steps} {'step' if steps == 1 else 'steps'}, a draft",)))
        elif (row.plan_next_hash or row.plan_hash) != digest(flow):
            change, refused = compare_flow(conn, row, flow)
            lines.append(change)
            refusals.extend(refused)
    there = {f.name for f in plan.flows}
    for row in known.values():
        if row.name not in there and row.state != "archived":
            lines.append(Change(row.kind, row.name, "gone"))
            refusals.append(f'`{row.name}` is gone from the files; it must be archived first: `seqlang archive "{row.name}"`')
    refusals += too_many(settings, plan, known.values())
    return Changes(checked, tuple(lines), tuple(refusals))


def _data(store: Store, plan: ProjectPlan) -> list[Change]:
    """Return what differs in the catalogue of data; what the files no longer declare keeps its values in the database."""
    before, after = store.catalogue, plan.catalogue.data
    found = [change for spec in after.records if (change := _record(before.record(spec.name), spec)) is not None]
    own = [spec.name for spec in before.records if any(not field.built_in for field in spec.fields)]
    found += [Change("record", name, "gone", (KEPT,)) for name in own if after.record(name) is None]
    events = {e.name: e for e in before.events}
    found += [Change("event", e.name, "changed" if e.name in events else "new") for e in after.events if events.get(e.name) != e]
    found += [Change("event", name, "gone", (KEPT,)) for name in events if name not in {e.name for e in after.events}]
    known, wanted = {item.name for item in before.lists}, {item.name for item in after.lists}
    found += [Change("list", item.name, "new") for item in after.lists if item.name not in known]
    found += [Change("list", item.name, "gone", (KEPT,)) for item in before.lists if item.name not in wanted]
    return found


def _record(old: RecordSpec | None, new: RecordSpec) -> Change | None:
    """Return what is new, other or gone in one record."""
    if old is None:
        return Change("record", new.name, "new", tuple(f"field {f.name} ({f.type})" for f in new.fields))
    details = [f"new field {f.name} ({f.type})" for f in new.fields if old.field(f.name) is None]
    for field in new.fields:
        known = old.field(field.name)
        if known is not None and known != field:
            details.append(f"field {field.name} {_differs(known, field)}")
    details += [f"field {f.name} is gone: {KEPT}" for f in old.fields if new.field(f.name) is None]
    return Change("record", new.name, "changed", tuple(details)) if details else None


def _differs(old: FieldSpec, new: FieldSpec) -> str:
    if old.type != new.type or old.link != new.link:
        return f"is a {new.type} now"
    gone = [c for c in old.choices if c not in new.choices]
    fresh = [c for c in new.choices if c not in old.choices]
    said = [*(f"may be `{c}`" for c in fresh), *(f"may no longer be `{c}`" for c in gone)]
    return " and ".join(said) if said else "has another default" if old.default != new.default else "changes"


def _views(conn: Connection, plan: ProjectPlan) -> list[Change]:
    from seqlang.store import tables

    known = {r.name: (r.record, r.condition) for r in conn.execute(tables.view.select())}
    wanted = {name: (record, condition.model_dump_json()) for name, record, condition in plan.catalogue.views}
    found = [
        Change("view", name, "changed" if name in known else "new") for name, text in wanted.items() if known.get(name) != text
    ]
    return found + [Change("view", name, "gone") for name in known if name not in wanted]


def _keep_positions(conn: Connection, plan: ProjectPlan) -> None:
    """Flows stand in the order of the files, unchanged ones too."""
    from seqlang.store import tables

    for position, flow in enumerate(plan.flows):
        conn.execute(tables.flow.update().where(tables.flow.c.name == flow.name).values(position=position))


def _watch(conn: Connection, plan: ProjectPlan) -> None:
    """Keep what the fields, tags and lists of all conditions were before a change: `why` shows the values then."""
    from seqlang.engine.notices import conditions_of
    from seqlang.predicates.wakes import wakes
    from seqlang.store.formers import watch

    asked = [wakes(condition) for flow in plan.flows for condition in conditions_of(flow)]
    watch(
        conn,
        fields={field for part in asked for field in part.fields},
        tags={tag for part in asked for tag in part.tags},
        lists={name for part in asked for name in part.lists},
    )


def _missing(url: str) -> bool:
    return url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///").partition("?")[0]).exists()
