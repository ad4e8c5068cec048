"""Commands that write much leave PostgreSQL figures that hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.cli.main import main
from seqlang.store import Store
from tests.postgres_figures import known, leave_alone, look

pytestmark = pytest.mark.postgres
FLOW = """
record contact { score number default 0 }
classic sequence "Hello" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  audience { where score >= 50 }
  step hello: email on day 1 { subject: "Hello", text: "Hi" }
  exit when replied
}
"""
SETTINGS = '[channels.email.default]\nsmtp = "smtp://localhost:2525"\n'
PEOPLE = 1500


def test_import_and_a_tick_that_admits_many_leave_figures_that_hold(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQLANG_DATABASE", postgres_url)
    (tmp_path / "seqlang.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "hello.seq").write_text(FLOW, "utf-8")
    rows = "".join(f"p{n}@x.example,{n % 100}\n" for n in range(PEOPLE))
    (tmp_path / "people.csv").write_text("email,score\n" + rows, "utf-8")
    store = Store.open(postgres_url)
    leave_alone(store)
    look(store)

    def seqlang(*words: str) -> None:
        assert main([*words, "--project", str(tmp_path)]) == 0

    seqlang("apply", "--yes")
    seqlang("import", str(tmp_path / "people.csv"))
    assert known(store, "contact") == PEOPLE
    seqlang("start", "Hello", "--at", "2026-03-02T08:00Z")
    seqlang("tick", "--at", "2026-03-02T09:00Z")
    assert known(store, "enrolment") == PEOPLE / 2
    assert known(store, "ledger") == PEOPLE
