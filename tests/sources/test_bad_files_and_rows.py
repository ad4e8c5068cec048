"""What cannot be taken in is named with its file and a remedy, stands in nobody's way, and can be looked at afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqlang.clock import ManualClock
from tests.sources.test_sources import QUERY, TOML, Run, companies, counts, read, run, write

__all__ = ["run"]


def test_bad_file_is_named_with_a_remedy_and_the_others_are_read(run: Run) -> None:
    write("d.csv", "E-Mail,foo\nkim@x.example,1\n")
    write("k.csv", "first_name\nKim\n")
    write("t.csv", "E-Mail,score,score\nlou@x.example,1,2\n")
    write("z.csv", "E-Mail\nmax@x.example\n")
    done = read(run, "leads", code=1)
    assert counts(done) == (1, 0, 0, 0)
    assert "d.csv: `contact` has no field `foo`: name one with " in done["problem"]
    assert 'or leave the column out with `map = { "foo" = "" }`' in done["problem"]
    assert "k.csv: the file has no column for `email`, which says whose row it is: `map = {" in done["problem"]
    assert "t.csv: it has the column `score` twice" in done["problem"]
    again = read(run, "leads", "2026-03-02T10:00", code=1)
    assert counts(again) == (0, 0, 0, 0)
    assert (again["said"], again["problem"]) == ("", done["problem"]), "a problem is said once, and stays"
    assert "d.csv" in run("source", "list", code=1).out


def test_file_that_was_mended_is_read(run: Run) -> None:
    write("d.csv", "E-Mail,foo\nkim@x.example,1\n")
    read(run, "leads", code=1)
    write("d.csv", "E-Mail,first\N{NO-BREAK SPACE}name\nkim@x.example,Kim\n")
    done = read(run, "leads", "2026-03-02T10:00")
    assert (counts(done), done["problem"]) == ((1, 0, 0, 0), None)


def test_what_came_in_is_told_beside_the_problem(run: Run) -> None:
    write("d.csv", "E-Mail,foo\nkim@x.example,1\n")
    write("z.csv", "E-Mail\nmax@x.example\n")
    assert run("source", "read", "leads", "--at", "2026-03-02T09:00", code=1).out == "leads: 1 added, 0 updated, 0 unchanged\n"


def test_binary_file_does_not_steer_the_terminal(run: Run) -> None:
    Path("in", "b.csv").write_bytes(b"\x89PNG\x1b[31m,\xff\n\x1b]0;owned\x07\n")
    write("c.csv", "E-Mail,score\nkim@x.example,\x1b[31mred\n")
    said = read(run, "leads", code=1)["said"]
    assert "b.csv: its first line is no text" in said
    assert "\\x1b[31mred" in said
    assert "\x1b" not in said + run("source", "list", code=1).out + run("source", "bad").out


def aside(run: Run, *names: str) -> list[str]:
    rows = json.loads(run("source", "bad", *names, "--format", "json").out)
    return [f"{row['source']} {row['reason'].partition(':')[0]}" for row in rows]


def test_rows_set_aside_are_counted_and_listed_until_they_are_mended(run: Run) -> None:
    write("a.csv", "E-Mail,score\nkim@x.example,many\nlou@x.example,6\n,1\n")
    read(run, "leads", code=1)
    (shown,) = [s for s in json.loads(run("source", "list", "--format", "json").out) if s["name"] == "leads"]
    assert (shown["rows"], shown["bad"]) == (1, 2)
    assert aside(run, "leads") == ["leads a.csv line 2", "leads a.csv line 4"]
    assert "a.csv line 2: `score` is a number, and `many` is none" in run("source", "bad").out
    assert run("source", "bad", "crm").out == ""
    assert "did you mean `leads`?" in run("source", "bad", "leds", code=2).err
    write("a.csv", "E-Mail,score\nkim@x.example,5\nlou@x.example,6\n,1\n")
    read(run, "leads", "2026-03-02T10:00", code=1)
    assert aside(run) == ["leads a.csv line 4"]


def test_rows_are_counted_where_they_changed_something(run: Run) -> None:
    companies(("a.example", "A", 5, "2026-02-01"), ("b.example", "B", 6, "2026-02-02"))
    for hour in range(9, 12):
        read(run, "crm", f"2026-03-02T{hour:02}:00")
    (shown,) = [s for s in json.loads(run("source", "list", "--format", "json").out) if s["name"] == "crm"]
    assert shown["rows"] == 2, "the row of the last mark comes at every reading, and is no news"


def test_run_tells_what_came_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from seqlang.app import sourcing
    from seqlang.app.opening import opened
    from seqlang.app.workspace import open_workspace
    from seqlang.clock import from_micros
    from seqlang.host import load

    monkeypatch.setattr(sourcing, "LOOK_SECONDS", 0.01)
    write("a.csv", "E-Mail,score\nkim@x.example,5\nlou@x.example,many\n")
    said: list[str] = []
    told = threading.Event()

    def note(line: str) -> None:
        said.append(line)
        if line.startswith("source"):
            told.set()

    workspace = open_workspace()
    with opened(workspace) as store, sourcing.sourcing(store, load(workspace.settings), workspace,
                                                       ManualClock(from_micros(1_800_000_000_000_000)), note):  # fmt: skip
        assert told.wait(20)
    assert "source `leads`: 1 added, 0 updated, 0 unchanged, 1 set aside" in said


@pytest.mark.parametrize(
    "query", ["delete from company where updated_at >= :mark", "drop table company", "-- select\nupdate company set name = 1"]
)
def test_query_that_writes_is_refused_by_check(run: Run, query: str) -> None:
    Path("seqlang.toml").write_text(TOML.format(query=query.replace("\n", "\\n")), "utf-8")
    found = json.loads(run("check", "--format", "json", code=1).out)["diagnostics"]
    assert any("a select" in json.dumps(one) for one in found)


def test_query_with_a_comment_before_it_passes(run: Run) -> None:
    Path("seqlang.toml").write_text(TOML.format(query=f"/* ours */ -- all\\n {QUERY}"), "utf-8")
    assert {one["severity"] for one in json.loads(run("check", "--format", "json").out)["diagnostics"]} == {"warning"}
