"""A statement for many rows does the same as SQLAlchemy's own way, on each database."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select, update

from seqlang.store import Store
from seqlang.store.many import Batch, Many
from seqlang.store.tables import suppression

ADDRESSES = ("a@x.example", "b%s@x.example", "c:d?@x.example", "ümlaut@x.example")


def test_rows_are_written_changed_and_counted(store: Store) -> None:
    new = store.sql.insert(suppression)
    again = {"reason": new.excluded.reason, "at": new.excluded.at}
    write = Many(new.on_conflict_do_update(index_elements=["address"], set_=again))
    closed = or_(*(suppression.c.reason == reason for reason in ("bounced", "complained")))
    one = update(suppression).where(suppression.c.address == bindparam("of"), closed)
    change = Many(one.values(at=bindparam("now"), reason="manual"))
    with store.begin() as conn:
        assert write.run(conn, [{"address": a, "reason": "bounced", "at": 1} for a in ADDRESSES]) == len(ADDRESSES)
        assert write.run(conn, [{"address": ADDRESSES[1], "reason": "bounced", "at": 2}]) == 1
        assert change.run(conn, [{"of": a, "now": 3} for a in (ADDRESSES[0], ADDRESSES[1], "nobody@x.example")]) == 2
        assert change.run(conn, [{"of": ADDRESSES[0], "now": 4}]) == 0  # its reason is another one now
        assert change.run(conn, []) == 0
    with store.read() as conn:
        found = conn.execute(select(suppression.c.address, suppression.c.reason, suppression.c.at)).all()
    assert sorted(tuple(row) for row in found) == sorted([
        (ADDRESSES[0], "manual", 3), (ADDRESSES[1], "manual", 3), (ADDRESSES[2], "bounced", 1), (ADDRESSES[3], "bounced", 1),
    ])


def test_batch_changes_the_rows_it_names_however_many(store: Store) -> None:
    addresses = [f"p{number}" for number in range(60)]
    some = update(suppression).where(suppression.c.reason == bindparam("of")).values(reason=bindparam("now"))
    change = Batch(lambda rows: some.where(suppression.c.at.in_([row["number"] for row in rows])))
    with store.begin() as conn:
        write = Many(store.sql.insert(suppression))
        write.run(conn, [{"address": a, "reason": "bounced", "at": n} for n, a in enumerate(addresses)])
        assert change.run(conn, [{"number": n} for n in range(3, 58)], {"of": "bounced", "now": "manual"}) == 55
        assert change.run(conn, [{"number": n} for n in (3, 0, 999)], {"of": "bounced", "now": "complained"}) == 1
        assert change.run(conn, [], {"of": "bounced", "now": "complained"}) == 0
    with store.read() as conn:
        found = {row.at: row.reason for row in conn.execute(select(suppression.c.at, suppression.c.reason))}
    assert found == {n: "complained" if n == 0 else "manual" if 3 <= n < 58 else "bounced" for n in range(60)}
