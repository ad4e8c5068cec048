"""Fields that the files declare and no `apply` has put into the database yet: an import that needs them puts them in."""

from __future__ import annotations

from seqlang.app.project import check_project, load_project
from seqlang.app.workspace import Workspace
from seqlang.store import Store
from seqlang.store.records_schema import apply_catalogue
from seqlang.vocabulary.records import Catalogue


def declare_new(workspace: Workspace, store: Store) -> bool:
    """Add what the files declare beside what the database has; return whether there was anything. Flows stay as they are.

    What is declared otherwise than before is left to `apply`, and so is everything where the files have errors.
    """
    plan = check_project(load_project(workspace)).plan
    if plan is None:
        return False
    with store.begin() as conn:
        wanted = with_new(store.catalogue, plan.catalogue.data)
        if wanted == store.catalogue:
            return False
        apply_catalogue(conn, wanted)
    return True


def with_new(known: Catalogue, declared: Catalogue) -> Catalogue:
    """Return the catalogue with the records, fields, events and lists of another that it does not have."""
    records = []
    for record in known.records:
        other = declared.record(record.name)
        more = [f for f in other.fields if record.field(f.name) is None] if other is not None else []
        records.append(record.model_copy(update={"fields": (*record.fields, *more)}) if more else record)
    records += [r for r in declared.records if known.record(r.name) is None]
    events, lists = {e.name for e in known.events}, {item.name for item in known.lists}
    return Catalogue(
        records=tuple(records),
        events=(*known.events, *(e for e in declared.events if e.name not in events)),
        lists=(*known.lists, *(item for item in declared.lists if item.name not in lists)),
    )
