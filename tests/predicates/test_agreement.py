"""Made-up conditions on made-up worlds: SQL on each database and plain Python agree, record by record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, FromClause, and_, func, literal, not_, select

from seqlang.plan import conditions as c
from seqlang.predicates import Subject, to_sql, where_sql
from seqlang.store import Store, tables
from seqlang.store.records_schema import column_of
from tests.predicates import plain, worlds
from tests.predicates.made_up import conditions
from tests.predicates.plain_world import Asked, World

# More of them now and then: SEQLANG_EXAMPLES=5000.
EXAMPLES = settings(
    max_examples=int(os.environ.get("SEQLANG_EXAMPLES", "100")), deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def prepared(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "sqlite":
        store = Store.in_memory()
        with store.begin() as conn:
            worlds.prepare(conn)
        yield store
        store.close()
        return
    with request.getfixturevalue("postgres").database() as url:
        store = Store.open(url)
        with store.begin() as conn:
            worlds.prepare(conn)
        yield store
        store.close()


@st.composite
def cases(draw: st.DrawFn) -> tuple[World, str, datetime, str, list[c.Condition]]:
    at = draw(st.sampled_from(worlds.MOMENTS))
    record = draw(st.sampled_from(("contact", "contact", "deal", "account")))
    world = worlds.world_of(draw(st.integers(0, 2**32)), at)
    return world, record, at, draw(st.sampled_from(worlds.ZONES)), draw(st.lists(conditions(record, at), min_size=1, max_size=8))


@EXAMPLES
@given(case=cases())
def test_made_up_conditions_mean_the_same_in_sql_and_in_plain_python(
    prepared: Store,
    case: tuple[World, str, datetime, str, list[c.Condition]],
) -> None:
    world, record, at, zone, asked = case
    with prepared.begin() as conn:
        worlds.load(conn, prepared, world)
        row, stay = prepared.records(record), tables.enrolment
        flow = next(f for f, r in worlds.FLOWS.items() if r == record)
        for entered in (False, True):
            subject = Subject(
                record=record,
                row=row,
                contact_id=contact_of(row, record),
                enrolment=stay if entered else None,
                flow_id=worlds.FLOW_IDS[flow],
                zone=zone,
                at=at,
                node_ids={s: worlds.NODE_IDS[flow, s] for s in worlds.STEPS},
            )
            made = [to_sql(i, subject, prepared) for i in asked]
            filtered = [func.coalesce(where_sql(i, subject, prepared), literal(value=False)) for i in asked]
            query = select(row.c.id, *made, *filtered, *(not_(m) for m in made)).order_by(row.c.id)
            if entered:
                query = query.join(stay, and_(stay.c.flow_id == subject.flow_id, stay.c.record_id == row.c.id))
            for found in conn.execute(query):
                inside = next(s for s in world.stays if s.record_id == found[0] and s.flow == flow) if entered else None
                who = Asked(world, record, found[0], inside, at, zone)
                expected = [plain.holds(i, who) for i in asked]
                assert [bool(v) for v in found[1 : 1 + len(asked)]] == expected
                assert [bool(v) for v in found[1 + len(asked) : 1 + 2 * len(asked)]] == expected
                assert [bool(v) for v in found[1 + 2 * len(asked) :]] == [not e for e in expected]
                assert None not in found


def contact_of(row: FromClause, record: str) -> ColumnElement[int] | None:
    return {"contact": row.c.id, "deal": row.c.get(column_of("contact"))}.get(record)
