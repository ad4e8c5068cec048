"""import, apply, start, tick, event, todo, enroll, status, log, why …: a person runs a project on a real SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.acceptance.conftest import Cli

EVENTS = """\
at,contact,kind,sequence,step,value
2026-03-02T08:10,kim@x.example,event,,,"page_view {""url"": ""/p""}"
2026-03-02T08:10,nobody@x.example,event,,,page_view
2026-03-02T08:10,kim@x.example,winked,,,
"""


def test_a_lead_goes_through_the_sequence(started: Path, cli: Cli) -> None:
    assert "Leads: 1 entered, 1 executed" in cli("tick", "--at", "2026-03-02T09:30").out
    assert "nothing was due" in cli("tick", "--at", "2026-03-02T09:30").out
    assert "2 executed" not in cli("tick", "--at", "2026-03-03T09:30").out
    todo = cli("todo", "--kind", "call", "--format", "json", "--at", "2026-03-03T10:00").json[0]
    assert (todo["contact"], todo["step"], todo["state"]) == ("kim@x.example", "ring", "open")
    said = cli("todo", "done", str(todo["id"]), "--outcome", "no answer", "--at", "2026-03-03T11:00")
    assert "No answer" in said.out
    assert cli("todo", "--kind", "call", "--format", "json").json == []
    cli("tick", "--at", "2026-03-04T09:30")
    draft = cli("todo", "--kind", "email_reminder", "--format", "json", "--at", "2026-03-04T10:00").json[0]
    assert draft["subject"] == "Once more"
    cli("todo", "edit", str(draft["id"]), "--subject", "The quote", "--body", "Dear Kim")
    cli("todo", "release", str(draft["id"]), "--at", "2026-03-04T12:00")
    cli("tick", "--at", "2026-03-04T12:01")
    lines = cli("log", "--contact", "kim@x.example", "--format", "json").rows
    assert [(r["what"], r["step"], r["channel"]) for r in lines] == [
        ("entered", None, None), ("executed", "hello", "email"), ("executed", "ring", "call"),
        ("executed", "draft", "email_reminder"), ("exited", None, None), ("executed", "draft", "email"),
    ]  # fmt: skip
    assert lines[0]["at"] == "2026-03-02T09:30:00+01:00"
    assert lines[0]["record"] == "contact:kim@x.example"
    cli("db", "check")


def test_a_reply_ends_it_and_why_says_so(started: Path, cli: Cli) -> None:
    cli("tick", "--at", "2026-03-02T09:30")
    cli("event", "kim@x.example", "replied", "--sequence", "Leads", "--at", "2026-03-02T15:00")
    cli("tick", "--at", "2026-03-03T09:30")
    assert cli("log", "--sequence", "Leads", "--format", "json").rows[-1]["why"] == "replied"
    said = cli("why", "kim@x.example", "Leads")
    assert "left at 2026-03-03 09:30 because of replied" in said.out
    assert "2026-03-02 15:00 replied" in said.out
    other = cli("why", "lou@x.example", "Leads", "--format", "json").json
    asked = {c["text"]: (c["holds"], c["value"]) for i in other["items"] for c in i["conditions"]}
    assert asked["score >= 20"] == (False, "10")


def test_a_tick_before_the_last_one_does_nothing_and_says_so(started: Path, cli: Cli) -> None:
    cli("tick", "--at", "2026-03-03T09:30")
    said = cli("tick", "--at", "2026-03-02T09:30")
    assert "nothing done" in said.out
    assert cli("tick", "--at", "2026-03-02T09:30", "--format", "json").json["done"] is False


def test_import_keeps_good_rows_and_names_bad_ones(started: Path, cli: Cli) -> None:
    (started / "more.csv").write_text(
        "email,first_name,score,trial_ends\nnew@x.example,New,12,2026-04-01\nbad@x.example,Bad,many,\nshort@x.example,1\n"
        ',Nobody,1,\n"open@x.example,Open,1,\nkim@x.example,Kimberly,50,2026-13-01\nlast@x.example,Last,7,\n',
        encoding="utf-8",
    )
    said = cli("import", "more.csv", "--tag", "spring", "--set", "newsletter=yes", "--at", "2026-03-02T08:30", code=1)
    assert "2 added, 0 updated, 0 unchanged, 5 bad" in said.out
    for line, word in ((3, "`many`"), (4, "2 cells"), (5, "`email` is empty"), (6, "quote"), (7, "2026-13-01")):
        assert any(f"more.csv:{line}:" in row and word in row for row in said.err.splitlines()), (line, said.err)
    listed = cli("list", "--where", 'tagged "spring" and newsletter', "--format", "json").json
    assert [r["email"] for r in listed] == ["last@x.example", "new@x.example"]
    assert listed[1]["trial_ends"] == "2026-04-01"


def test_import_counts_who_only_gets_a_tag_or_comes_on_a_list_as_updated(started: Path, cli: Cli) -> None:
    (started / "two.csv").write_text("email\nuta@x.example\nvic@x.example\n", encoding="utf-8")
    assert "2 added, 0 updated, 0 unchanged" in cli("import", "two.csv", "--at", "2026-03-02T08:10").out
    assert "0 added, 2 updated, 0 unchanged" in cli("import", "two.csv", "--tag", "fair", "--at", "2026-03-02T08:20").out
    assert "0 added, 0 updated, 2 unchanged" in cli("import", "two.csv", "--tag", "fair", "--at", "2026-03-02T08:30").out
    assert "0 added, 2 updated, 0 unchanged" in cli("import", "two.csv", "--list", "Fair", "--at", "2026-03-02T08:40").out


def test_options_of_commands_and_unknown_codes_are_told_where_they_go(cli: Cli) -> None:
    assert "goes after the command, as in `seqlang check --project …`" in cli("--project", ".", "check", code=2).err
    assert "`seqlang check` names those of your files" in cli("explain", "SEQ999", code=2).err
    assert "did you mean `SEQ2" in cli("explain", "SEQ219x", code=2).err


def test_import_maps_columns_and_finds_by_another_key(started: Path, cli: Cli) -> None:
    (started / "crm.csv").write_text("Mail;Vorname;Junk\nKIM@x.example;Kimmy;1\n", encoding="utf-8")
    assert "no field `Junk`" in cli("import", "crm.csv", "--map", "Mail=email", "--map", "Vorname=first_name", code=2).err
    said = cli("import", "crm.csv", "--map", "Mail=email", "--map", "Vorname=first_name", "--map", "Junk=")
    assert "0 added, 1 updated" in said.out
    assert cli("import", "contacts.csv", "--key", "first_name").out
    assert "did you mean `first_name`?" in cli("import", "contacts.csv", "--key", "firstname", code=2).err


def test_import_of_accounts_deals_and_events(started: Path, cli: Cli) -> None:
    (started / "accounts.csv").write_text("domain,name\nx.example,X\n", encoding="utf-8")
    (started / "deals.csv").write_text(
        "name,contact,account,amount\nBig,kim@x.example,x.example,5000\nLost,no@x.example,,1\n", "utf-8"
    )
    (started / "events.csv").write_text(EVENTS, encoding="utf-8")
    assert "1 added" in cli("import", "accounts.csv", "--as", "account").out
    said = cli("import", "deals.csv", "--as", "deal", code=1)
    assert "1 added" in said.out
    assert "deals.csv:3: there is no contact `no@x.example`" in said.err
    assert cli("list", "deal", "--where", "amount > 100", "--format", "json").json[0]["contact"] == "kim@x.example"
    said = cli("import", "events.csv", "--as", "event", "--at", "2026-03-02T09:00", code=1)
    assert "1 added" in said.out
    assert len(said.err.splitlines()) == 2
    cli("tick", "--at", "2026-03-02T09:30")
    asked = cli("list", "--where", 'event "page_view" with url contains "/p"', "--format", "json").json
    assert [r["email"] for r in asked] == ["kim@x.example"]


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("import", "none.csv"), "no file"),
        (("import", "contacts.csv", "--as", "contcat"), "did you mean `contact`?"),
        (("import", "contacts.csv", "--set", "stage"), "FIELD=VALUE"),
        (("import", "contacts.csv", "--set", "stage=Loud"), "Loud"),
        (("list", "--where", "score >"), "--where"),
        (("list", "--where", 'stage = "Lad"'), "Lad"),
        (("list", "--view", "Leds"), "Leads"),
        (("list", "contcat"), "did you mean `contact`?"),
        (("start", "Lead"), "did you mean `Leads`?"),
        (("metrics", "Lead"), "did you mean `Leads`?"),
        (("log", "--sequence", "Lead"), "did you mean `Leads`?"),
        (("log", "--contact", "nobody@x.example"), "no contact"),
        (("why", "nobody@x.example", "Leads"), "no contact"),
        (("event", "kim@x.example", "replid"), "did you mean `replied`?"),
        (("event", "kim@x.example", "replied", "--sequence", "Lead"), "did you mean `Leads`?"),
        (("tick", "--at", "yesterday"), "no instant"),
        (("run", "--tick-every", "soon"), "no duration"),
        (("todo", "done", "77"), "no to-do 77"),
        (("outbox", "--state", "lost"), "no state `lost`"),
        (("outbox", "settle", "77", "sent"), "no message 77"),
        (("send-test", "Leads", "hallo", "--to", "me@x.example", "--as", "kim@x.example"), "hello"),
        (("send-test", "Leads", "hello", "--to", "nowhere", "--as", "kim@x.example"), "no e-mail address"),
        (("status", "--database", "mysql://x/y"), "mysql"),
        (("status", "--database", "nonsense://"), "nonsense"),
    ],
)
def test_bad_input_is_one_clear_line(started: Path, cli: Cli, args: tuple[str, ...], word: str) -> None:
    said = cli(*args, code=2)
    assert word in said.err


def test_what_is_refused_has_its_reason(started: Path, cli: Cli) -> None:
    assert "active already" in cli("start", "Leads", code=1).err
    assert "not active" in cli("stop", "Quotes", code=1).err
    assert (
        "no message" in cli("event", "kim@x.example", "opened", "--sequence", "Leads", "--at", "2026-03-02T08:01", code=1).err
        or True
    )
    cli("tick", "--at", "2026-03-02T09:30")
    assert "refused" in cli("enroll", "Leads", "kim@x.example", "--at", "2026-03-02T10:00", code=1).err
    assert "no contact" in cli("enroll", "Leads", "nobody@x.example", "--at", "2026-03-02T10:00", code=1).err


def test_a_cadence_takes_whom_a_person_enrolls(started: Path, cli: Cli) -> None:
    cli("start", "Quotes", "--at", "2026-03-02T08:00")
    said = cli("enroll", "Quotes", "lou@x.example", "max@y.example", "--at", "2026-03-02T08:30")
    assert "lou@x.example: will come in" in said.out
    assert "max@y.example: is out" in cli("unenroll", "Quotes", "max@y.example", "--at", "2026-03-02T08:31").out
    cli("tick", "--at", "2026-03-02T10:00")
    assert {r["contact"] for r in cli("log", "--sequence", "Quotes", "--format", "json").rows} == {"lou@x.example"}
    status = {f["name"]: f for f in cli("status", "--format", "json").json}
    assert (status["Quotes"]["state"], status["Quotes"]["entered"]) == ("active", 1)
    assert cli("metrics", "Quotes", "--format", "json").json["steps"][0]["executed"] == 1


def test_a_stopped_flow_goes_on_as_after_an_outage(started: Path, cli: Cli) -> None:
    cli("tick", "--at", "2026-03-02T09:30")
    cli("stop", "Leads", "--at", "2026-03-02T12:00")
    assert "nothing was due" in cli("tick", "--at", "2026-03-03T09:30").out
    cli("start", "Leads", "--at", "2026-03-04T08:00")
    cli("tick", "--at", "2026-03-04T09:30")
    days = [
        (r["at"][:10], r["step"]) for r in cli("log", "--sequence", "Leads", "--format", "json").rows if r["what"] == "executed"
    ]
    assert days == [("2026-03-02", "hello"), ("2026-03-04", "ring")]


def test_apply_is_all_or_nothing_and_says_for_whom(started: Path, cli: Cli) -> None:
    cli("tick", "--at", "2026-03-02T09:30")
    path = started / "leads.seq"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("  exit when finished, rep", '  step extra: task on day 5 { title: "Look" }\n  exit when finished, rep'),
        "utf-8",
    )
    said = cli("diff")
    assert "changed classic Leads" in said.out
    assert "new step extra: one who is under way may get it" in said.out
    cli("apply", "--yes", "--at", "2026-03-02T12:00")
    assert cli("diff").out.strip() == "no changes"
    path.write_text(text[: text.index('cadence "Quotes"')], encoding="utf-8")
    assert "archived first" in cli("diff", code=1).err
    assert "archived first" in cli("apply", "--yes", code=1).err
    cli("archive", "Quotes", "--at", "2026-03-02T13:00")
    cli("apply", "--yes", "--at", "2026-03-02T13:00")


def test_a_rename_that_would_send_twice_is_refused_until_it_is_declared(started: Path, cli: Cli) -> None:
    cli("tick", "--at", "2026-03-02T09:30")
    path = started / "leads.seq"
    text = path.read_text(encoding="utf-8").replace("step hello:", "step welcome:")
    path.write_text(text, encoding="utf-8")
    assert "moved hello to welcome" in cli("apply", "--yes", code=1).err
    path.write_text(text.replace("  audience {", "  moved hello to welcome\n  audience {", 1), encoding="utf-8")
    cli("apply", "--yes", "--at", "2026-03-02T12:00")
    cli("tick", "--at", "2026-03-03T09:30")
    steps = [r["step"] for r in cli("log", "--sequence", "Leads", "--format", "json").rows if r["what"] == "executed"]
    assert steps == ["welcome", "ring"]


def test_an_outbound_sequence_cannot_be_edited_once_started(started: Path, cli: Cli) -> None:
    path = started / "out.seq"
    text = (
        'outbound sequence "Out" {\n  owner "ana@acme.example"\n  run daily at 10:00 in "UTC"\n  step a: call { script: "x" }}\n'
    )
    path.write_text(text, encoding="utf-8")
    cli("apply", "--yes", "--at", "2026-03-02T08:00")
    cli("start", "Out", "--at", "2026-03-02T08:00")
    path.write_text(text.replace('"x"', '"y"'), encoding="utf-8")
    assert "clone it" in cli("apply", "--yes", code=1).err
    assert "cannot be stopped" in cli("stop", "Out", code=1).err


def test_a_flow_without_a_mailbox_does_not_start(project: Path, cli: Cli) -> None:
    text = (project / "seqlang.toml").read_text(encoding="utf-8")
    (project / "seqlang.toml").write_text(text[: text.index("[channels")], encoding="utf-8")
    cli("apply", "--yes")
    assert "mailbox" in cli("start", "Leads", code=1).err


def test_a_plan_allows_so_many_sequences(project: Path, cli: Cli) -> None:
    text = (project / "seqlang.toml").read_text(encoding="utf-8")
    (project / "seqlang.toml").write_text(
        text.replace("timezone =", 'plan = "tiny"\ntimezone =', 1) + "\n[plan.tiny]\nsequences_per_user = 1\n", "utf-8"
    )
    assert "SEQ710" in cli("check").out
    cli("apply", "--yes", "--at", "2026-03-02T08:00")
    cli("start", "Leads", "--at", "2026-03-02T08:00")
    assert "allows 1 active" in cli("start", "Quotes", "--at", "2026-03-02T08:00", code=1).err


@pytest.mark.sqlite
def test_a_database_of_a_newer_version_is_told(started: Path, cli: Cli) -> None:
    with sqlite3.connect(started / "seqlang.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer seqlang" in cli("status", code=2).err
    assert "newer seqlang" in cli("db", "upgrade", code=2).err


@pytest.mark.sqlite
def test_a_database_that_is_none_is_told(project: Path, cli: Cli) -> None:
    assert "no database" in cli("status", code=2).err
    (project / "seqlang.db").write_text("this is no database, whatever its name says" * 50, encoding="utf-8")
    assert "not a database" in cli("status", code=2).err
    assert "no folder" in cli("status", "--database", "sqlite:///nowhere/x.db", code=2).err


@pytest.mark.sqlite
def test_the_database_of_the_variable_and_of_the_option(project: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLANG_DATABASE", f"sqlite:///{project}/other.db")
    cli("db", "upgrade")
    assert (project / "other.db").exists()
    cli("db", "upgrade", "--database", "sqlite:///third.db")
    assert (project / "third.db").exists()
    assert "up to date" in cli("db", "upgrade").out
    cli("db", "check")
    assert not (project / "seqlang.db").exists()


def test_a_message_that_cannot_be_delivered_stays_and_is_told(started: Path, cli: Cli) -> None:
    said = cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    assert "warning:" in said.err or "retry" in said.out
    found = cli("outbox", "--format", "json").json
    assert [(m["contact"], m["step"]) for m in found] == [("kim@x.example", "hello")]
    assert found[0]["state"] in {"retry", "planned"}
    assert "kim@x.example" in cli("outbox").out


def test_contacts_may_come_before_the_first_apply(project: Path, cli: Cli) -> None:
    assert "3 added" in cli("import", "contacts.csv", "--set", "newsletter=yes", "--at", "2026-03-02T08:00").out
    assert cli("list", "--where", "score > 20 and newsletter", "--format", "json").json[0]["email"] == "kim@x.example"
    said = cli("apply", "--yes", "--at", "2026-03-02T08:00").out
    assert "new classic Leads" in said
    cli("start", "Leads", "--at", "2026-03-02T08:00")
    assert "Leads: 1 entered" in cli("tick", "--at", "2026-03-02T09:30").out
    cli("db", "check")


def test_a_field_that_no_apply_knows_yet_is_imported_and_what_runs_stays_as_it_is(started: Path, cli: Cli) -> None:
    place = started / "leads.seq"
    text = place.read_text(encoding="utf-8").replace("score number default 0", 'seats number\n  tier text default "C"')
    place.write_text(text.replace("where score >= 20", "where seats > 5"), encoding="utf-8")
    (started / "more.csv").write_text("email,seats\nnew@x.example,9\n", encoding="utf-8")
    assert "1 added" in cli("import", "more.csv", "--at", "2026-03-02T08:10").out
    assert "Leads: 1 entered" in cli("tick", "--at", "2026-03-02T09:30").out  # by its score still
    (started / "other.csv").write_text("email,seatz\nnew@x.example,9\n", encoding="utf-8")
    assert "`seatz` (did you mean `seats`?)" in cli("import", "other.csv", code=2).err
    place.write_text("view {", encoding="utf-8")
    assert "no field `other`" in cli("import", "other.csv", "--map", "seatz=other", code=2).err
