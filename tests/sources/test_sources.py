"""Records from files and databases: taken in once, from where the last reading ended; what is wrong is named."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqlang.app.importing import Load
from seqlang.app.opening import opened
from seqlang.app.workspace import open_workspace
from seqlang.cli.main import main

TOML = """\
name = "sources"
timezone = "Europe/Berlin"

[sources.leads]
kind = "csv"
file = "in/*.csv"
tags = ["web"]
lists = ["Fair"]
map = {{ "E-Mail" = "email", "Notes" = "" }}
set = {{ stage = "Lead" }}

[sources.crm]
kind = "sql"
database = {{ env = "CRM_DATABASE" }}
query = "{query}"
mark = "updated_at"
start = "2026-01-01"
as = "account"
"""
QUERY = "select domain, name, employees, updated_at from company where updated_at >= :mark order by updated_at"
SEQ = 'record contact { stage choice ["Lead", "Customer"] score number }\nlist "Fair" of contact\n'
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database: str) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRM_DATABASE", "sqlite:///crm.db")
    (tmp_path / "in").mkdir()
    (tmp_path / "seqlang.toml").write_text(TOML.format(query=QUERY), "utf-8")
    (tmp_path / "records.seq").write_text(SEQ.replace("} }", "}\n}").replace(" score", ", score"), "utf-8")
    with sqlite3.connect("crm.db") as crm:
        crm.execute("create table company (domain text, name text, employees integer, updated_at text)")

    def call(*args: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert main([*args]) == code, "".join(capsys.readouterr())
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return said

    call("apply", "--yes", "--at", "2026-03-02T08:00")
    return call


def read(run: Run, name: str, at: str = "2026-03-02T09:00", code: int = 0) -> dict[str, Any]:
    said = run("source", "read", name, "--at", at, "--format", "json", code=code)
    return {**json.loads(said.out), "said": said.err}


def counts(done: dict[str, Any]) -> tuple[int, int, int, int]:
    return done["added"], done["updated"], done["unchanged"], done["bad"]


def write(name: str, text: str, *, rested: bool = False) -> None:
    path = Path("in", name)
    path.write_text(text, "utf-8")
    if rested:
        rest(path)


def rest(path: Path) -> None:
    """Let a file lie for a minute."""
    then = path.stat().st_mtime - 60
    os.utime(path, (then, then))


def companies(*rows: tuple[str | None, str, int, str | None]) -> None:
    with sqlite3.connect("crm.db") as crm:
        crm.executemany("insert into company values (?, ?, ?, ?)", rows)


def test_files_are_taken_in_once(run: Run) -> None:
    write("a.csv", "E-Mail,first_name,score,Notes\nkim@x.example,Kim,5,x\nlou@x.example,Lou,,y\n")
    write("b.csv", "E-Mail;first_name\nmax@x.example;Max\n")
    assert counts(read(run, "leads")) == (3, 0, 0, 0)
    assert counts(read(run, "leads")) == (0, 0, 0, 0)
    people = run("list", "contact", "--where", 'tagged "web" and in list "Fair" and stage = "Lead"', "--format", "json").out
    assert "kim@x.example" in people
    assert "max@x.example" in people


def test_what_is_added_to_a_file_is_read_and_nothing_else(run: Run) -> None:
    write("a.csv", "E-Mail,score\nkim@x.example,5\nlou@x.example,6", rested=True)
    read(run, "leads")
    run("event", "kim@x.example", "changed", "--value", "score=9", "--at", "2026-03-02T09:30")
    run("tick", "--at", "2026-03-02T09:30")
    write("a.csv", "E-Mail,score\nkim@x.example,5\nlou@x.example,6\nmax@x.example,7\n")
    done = read(run, "leads", "2026-03-02T10:00")
    assert counts(done) == (1, 0, 1, 0), "the last row had no end yet: it is read again"
    assert "kim@x.example" in run("list", "contact", "--where", "score = 9", "--format", "json").out


def test_file_that_was_changed_is_read_anew(run: Run) -> None:
    write("a.csv", "E-Mail,score\nkim@x.example,5\nlou@x.example,6\n")
    read(run, "leads")
    write("a.csv", "E-Mail,score\nkim@x.example,7\nlou@x.example,6\n")
    assert counts(read(run, "leads", "2026-03-02T10:00")) == (0, 1, 1, 0)


def test_bad_rows_are_set_aside_and_the_others_stay(run: Run) -> None:
    write("a.csv", 'E-Mail,score\nkim@x.example,many\nlou@x.example,6,7\n,1\n"max@x.example\nann@x.example,3\n', rested=True)
    done = read(run, "leads", code=1)
    assert counts(done) == (1, 0, 0, 4)
    assert all(f"a.csv line {n}:" in done["said"] for n in (2, 3, 4, 5))
    with opened(open_workspace()) as store, store.read() as conn:
        aside = [row.reason for row in conn.exec_driver_sql("select reason from quarantine where what = 'source leads'")]
    assert len(aside) == 4


def test_reading_that_died_goes_on_where_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from seqlang_csv import reading

    monkeypatch.setattr(reading, "ROWS_PER_BATCH", 2)
    write("a.csv", "E-Mail,first_name\n" + "".join(f"p{n}@x.example,P{n}\n" for n in range(5)))
    kept = Load.take
    calls = 0

    def dying(self: Any, chunk: Any, beside: Any = None) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError("the power went")
        kept(self, chunk, beside)

    monkeypatch.setattr(Load, "take", dying)
    done = read(run, "leads", code=1)
    assert (done["added"], done["problem"]) == (2, "RuntimeError: the power went")
    assert counts(read(run, "leads", "2026-03-02T10:00")) == (3, 0, 0, 0)


def test_database_is_read_from_its_mark_on(run: Run) -> None:
    companies(("a.example", "A", 5, "2026-02-01"), ("b.example", "B", 6, "2026-02-02"), ("old.example", "O", 1, "2025-01-01"))
    assert counts(read(run, "crm")) == (2, 0, 0, 0)
    companies(("c.example", "C", 7, "2026-02-02"), ("a.example", "A2", 5, "2026-02-03"))
    assert counts(read(run, "crm", "2026-03-02T10:00")) == (1, 1, 1, 0), "rows of the last mark are read again"
    assert counts(read(run, "crm", "2026-03-02T11:00")) == (0, 0, 1, 0)


def test_other_settings_read_everything_anew(run: Run) -> None:
    companies(("a.example", "A", 5, "2026-02-01"))
    read(run, "crm")
    Path("seqlang.toml").write_text(TOML.format(query=QUERY.replace("name,", "upper(name) as name,")), "utf-8")
    companies(("b.example", "b", 6, "2026-02-02"))
    assert counts(read(run, "crm", "2026-03-02T10:00")) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("query", "part"),
    [
        (QUERY.replace(" order by updated_at", " order by updated_at desc"), "order by updated_at"),
        ("select domain from company where updated_at >= :mark", "no column `updated_at`"),
        ("select domain, updated_at from compny where updated_at >= :mark", "no such table: compny"),
        ("delete from company where updated_at >= :mark", "must be a select"),
        ("select domain, updated_at from company", "needs `:mark`"),
        ("select 1; drop table company where :mark", "one statement"),
        ("select domain, updated_at, name as nme from company where updated_at >= :mark order by 2", "no field `nme`"),
    ],
)
def test_query_that_cannot_work_is_the_sources_problem(run: Run, query: str, part: str) -> None:
    companies(("a.example", "A", 5, "2026-02-01"), ("b.example", "B", 6, "2026-02-02"))
    Path("seqlang.toml").write_text(TOML.format(query=query), "utf-8")
    done = read(run, "crm", code=1)
    assert part in done["problem"]
    assert len(done["said"].strip().splitlines()) == 1
    (shown,) = [s for s in json.loads(run("source", "list", "--format", "json", code=1).out) if s["name"] == "crm"]
    assert part in shown["problem"]
    assert read(run, "crm", "2026-03-02T10:00", code=1)["said"] == "", "a problem is said once"


def test_rows_without_a_mark_or_a_key_are_told(run: Run) -> None:
    companies((None, "N", 5, "2026-02-01"), ("b.example", "B", 6, "2026-02-02"))
    done = read(run, "crm", code=1)
    assert counts(done) == (1, 0, 0, 1)
    assert "row 1 (updated_at 2026-02-01): `domain` is empty" in done["said"]


def test_file_that_is_missing_is_a_problem_until_it_is_there(run: Run) -> None:
    Path("seqlang.toml").write_text(TOML.format(query=QUERY).replace("in/*.csv", "in/leads.csv"), "utf-8")
    assert "there is no file" in read(run, "leads", code=1)["problem"]
    write("leads.csv", "E-Mail\nkim@x.example\n")
    assert counts(read(run, "leads", "2026-03-02T10:00")) == (1, 0, 0, 0)


def test_marks_keep_their_types() -> None:
    from datetime import UTC, date, datetime
    from decimal import Decimal

    from seqlang_sql.reading import read_mark, write_mark

    for value in (5, 2.5, Decimal("1.10"), datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2), date(2026, 3, 2), "x", True):
        again = read_mark(write_mark(value))
        assert (again, type(again)) == (value, type(value))
