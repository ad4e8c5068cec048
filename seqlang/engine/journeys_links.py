"""The contact that a stay of a deal is about is the deal's contact, whoever that is by now (LANGUAGE 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from seqlang.store.tables import change, enrolment, flow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store.database import Store

LINK = "contact"


def follow_links(conn: Connection, store: Store, number: int) -> None:
    """Let stays follow the link of their record, where the pass saw that it was changed."""
    there = conn.execute(select(flow.c.record).where(flow.c.state == "active", flow.c.record.not_in(["contact", "account"])))
    for record in sorted(set(there.scalars())):
        spec = store.record_tables.spec(record).field(LINK)
        if spec is None or spec.link != "contact":
            continue
        table, column = store.records(record), store.column(record, LINK)
        moved = select(change.c.record_id).where(
            change.c.tick_pass == number, change.c.record == record, change.c.what == "updated", change.c.field == LINK
        )
        flows = select(flow.c.id).where(flow.c.record == record)
        conn.execute(
            update(enrolment)
            .where(enrolment.c.active, enrolment.c.flow_id.in_(flows), enrolment.c.record_id.in_(moved))
            .values(contact_id=select(column).where(table.c.id == enrolment.c.record_id).scalar_subquery())
        )
