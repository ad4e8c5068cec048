"""The database as it was when a line of the timeline was written: for questions about a decision of then."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from seqlang.plan.conditions import Condition
    from seqlang.store import Store
    from seqlang.store.timeline import TimelineLine


@contextmanager
def as_of(store: Store, subject: str, stay: Any, line: TimelineLine, condition: Condition) -> Iterator[Connection]:
    """Give a connection on which the condition is asked as of `line` of the enrolment `stay`; nothing that it writes stays."""
    from seqlang.clock import to_micros
    from seqlang.predicates.wakes import wakes
    from seqlang.store.formers import put_back

    micros, asked = to_micros(line.at), wakes(condition)
    reach = {subject: {stay.record_id}}
    if stay.contact_id is not None:
        reach.setdefault("contact", set()).add(stay.contact_id)
    with store.begin() as conn:
        for view in _past(conn, stay.id, line.id, micros):
            conn.exec_driver_sql(view)
        put_back(conn, store, reach, asked.records, line.id)
        contact = store.records("contact")
        since = (contact.c.id == stay.contact_id, contact.c.unsubscribed_at > micros)
        conn.execute(contact.update().where(*since).values(unsubscribed_at=None))
        yield conn
        conn.rollback()


def _past(conn: Connection, stay_id: int, line_id: int, micros: int) -> list[str]:
    """Return views that hide the tables of the same name: the one compiler of conditions asks them and does not know."""
    from seqlang.store import tables

    sqlite = conn.dialect.name == "sqlite"
    schema = "main" if sqlite else conn.exec_driver_sql("SELECT current_schema()").scalar_one()
    quote = conn.dialect.identifier_preparer.quote
    yes, no = ("1", "0") if sqlite else ("true", "false")
    was_in = f"CASE WHEN exited_at IS NULL OR exited_at > {micros} OR id = {stay_id} THEN {yes} ELSE {no} END AS active"
    columns = ", ".join(was_in if c.name == "active" else quote(c.name) for c in tables.enrolment.c)
    past = {
        "event": ("*", f"at <= {micros} AND recorded_at <= {micros}"),
        "ledger": ("*", f"id < {line_id}"),
        "enrolment": (columns, f"entered_at <= {micros}"),
    }
    return [
        f"CREATE TEMPORARY VIEW {name} AS SELECT {what} FROM {quote(schema)}.{name} WHERE {which}"  # noqa: S608 - numbers, names of our own
        for name, (what, which) in past.items()
    ]
