"""Projects that are measured: compiled from text, put into a store on disk, with made-up people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from benchmarks.databases import fresh
from seqlang.app.project import check_project, load_project
from seqlang.app.workspace import open_workspace
from seqlang.clock import to_micros
from seqlang.plan.model import ProjectPlan
from seqlang.runtime import lifecycle
from seqlang.simulation.world import install_project
from seqlang.store import Store
from seqlang.store.plans import get_flow

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
SMTP = "smtp://localhost:2525"
TOML = 'name = "bench"\ntimezone = "UTC"\n[channels.email.default]\nsmtp = "{smtp}"\n'
THREE_STEPS = """
record contact {{ score number default 0 }}
classic sequence "Bench" {{
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  {audience}
  step one: email on day 1 {{ subject: "one", text: "Hello {{{{ contact.first_name | default('you') }}}}" }}
  step two: email on day 3 when score >= 10 {{ subject: "two", text: "Hello again" }}
  step three: email on day 5 {{ subject: "three", text: "A last word" }}
  exit when replied, unsubscribed, bounced
}}
"""
LATER = """
record contact { score number default 0 }
classic sequence "Bench" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  AUDIENCE
  step one: email on day 3 { subject: "one", text: "Hello" }
  step two: email on day 9 { subject: "two", text: "Hello" }
  exit when replied, unsubscribed, bounced
}
"""
PEOPLE = """
INSERT INTO contact (id, f_email, email_key, email_ok, phone_ok, f_score, f_created_at, f_subscriptions, f_last_contacted_mode)
WITH RECURSIVE n(i) AS (SELECT :first + 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
SELECT i, 'p' || i || '@x' || (i % 5000) || '.example', 'p' || i || '@x' || (i % 5000) || '.example', true, false, i % 100,
:created,
       ';Non marketing emails;', 'Not yet contacted'
FROM n
"""


def plan_of(folder: Path, seq: str, smtp: str = SMTP, toml: str = TOML) -> ProjectPlan:
    """Compile a project; its files stay in the folder."""
    (folder / "seqlang.toml").write_text(toml.format(smtp=smtp), "utf-8")
    (folder / "bench.seq").write_text(seq, "utf-8")
    plan = check_project(load_project(open_workspace(str(folder)))).plan
    assert plan is not None
    return plan


@contextmanager
def started(
    folder: Path, seq: str, people: int, *, smtp: str = SMTP, toml: str = TOML, flow: str | None = "Bench",
    database: str = "sqlite",
) -> Iterator[Store]:
    """Give a store on disk with so many contacts, and the flow active (None: none is)."""
    plan = plan_of(folder, seq, smtp, toml)
    with fresh(folder, database) as url:
        store = Store.open(url, create=True)
        try:
            with store.begin() as conn:
                install_project(conn, store, plan, (), START)
                conn.execute(text(PEOPLE), {"first": 0, "count": people, "created": to_micros(START)})
                if flow is not None:
                    lifecycle.activate(conn, store, get_flow(conn, flow).id, START)
            analyze(store)
            yield store
        finally:
            store.close()


def born(store: Store, first: int, last: int) -> None:
    """Add the contacts after the `first` so many, up to the last."""
    with store.begin() as conn:
        conn.execute(text(PEOPLE), {"first": first, "count": last, "created": to_micros(START)})
    analyze(store)


def analyze(store: Store) -> None:
    """Let the database look at its tables, as it does by itself in the course of time."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE" if store.dialect == "sqlite" else "VACUUM ANALYZE"))
