"""To-dos as people use them: notes, put off, written in an editor, in a calendar; what was released is what goes out."""

from __future__ import annotations

import email
import email.policy
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest

from seqlang.app.demo.catcher import Catcher
from tests.acceptance.conftest import Cli


@pytest.fixture
def catcher(started: Path) -> Iterator[Catcher]:
    with Catcher(started / "mails", refuse=lambda _: False) as server:
        path = started / "seqlang.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("127.0.0.1:9", f"127.0.0.1:{server.port}"), encoding="utf-8")
        yield server


@pytest.fixture
def ring(started: Path, cli: Cli) -> str:
    """The number of a call that is due on 4 March."""
    cli("tick", "--at", "2026-03-02T09:30")
    cli("tick", "--at", "2026-03-03T09:30")
    return str(cli("todo", "--kind", "call", "--format", "json", "--at", "2026-03-03T10:00").json[0]["id"])


def test_note_of_a_report_is_kept(ring: str, cli: Cli) -> None:
    cli("todo", "done", ring, "--outcome", "connected", "--note", "Wants 50 seats", "--at", "2026-03-03T11:00")
    cli("tick", "--at", "2026-03-03T11:30")
    (found,) = [t for t in cli("todo", "--all", "--format", "json").json if str(t["id"]) == ring]
    assert (found["outcome"], found["note"]) == ("Connected", "Wants 50 seats")


def test_todo_is_put_off_and_handed_over(started: Path, ring: str, cli: Cli) -> None:
    said = cli("todo", "edit", ring, "--assignee", "anna@acme.example", code=1).err
    assert "`anna@acme.example` is none of the project's users, did you mean `ana@acme.example`?" in said
    with (started / "seqlang.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[[users]]\nemail = "bo@acme.example"\n')
    assert "no instant for `--due`" in cli("todo", "edit", ring, "--due", "tomorrow", code=2).err
    cli("todo", "edit", ring, "--due", "2026-03-09T10:00", "--assignee", "bo@acme.example")
    (found,) = cli("todo", "--owner", "bo@acme.example", "--format", "json", "--at", "2026-03-06T10:00").json
    assert (found["due_at"], found["overdue"]) == ("2026-03-09T09:00:00+00:00", False)
    assert cli("todo", "--kind", "call", "--format", "json", "--at", "2026-03-09T10:01").json[0]["overdue"] is True
    assert "no e-mail address" in cli("todo", "edit", ring, "--assignee", "Bo", code=1).err


def test_calendar_has_what_is_due(ring: str, cli: Cli) -> None:
    said = cli("todo", "--format", "ics", "--at", "2026-03-03T10:00").out
    assert all(len(line.encode()) <= 75 for line in said.split("\r\n"))
    calendar = icalendar.Calendar.from_ical(said)
    (event,) = calendar.walk("VEVENT")
    assert calendar["VERSION"] == "2.0"
    assert str(event["SUMMARY"]).startswith("Call")
    assert "kim@x.example" in str(event["DESCRIPTION"])
    assert event.decoded("DTSTART") == datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
    assert event["UID"] == icalendar.Calendar.from_ical(cli("todo", "--format", "ics").out).walk("VEVENT")[0]["UID"]
    assert icalendar.Calendar.from_ical(cli("todo", "--owner", "bo@x.example", "--format", "ics").out).walk("VEVENT") == []
    (task,) = icalendar.Calendar.from_ical(cli("todo", "--format", "ics-tasks").out).walk("VTODO")
    assert task.decoded("DUE") == event.decoded("DTSTART")


def test_draft_written_in_an_editor_is_what_goes_out(
    started: Path, cli: Cli, catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("02", "03", "04"):
        cli("tick", "--deliver", "--at", f"2026-03-{day}T09:30")
    number = str(cli("todo", "--kind", "email_reminder", "--format", "json").json[0]["id"])
    editor = started / "editor"
    editor.write_text("#!/bin/sh\nsed -i -e 's/Once more/Élan: once more/' -e 's/Hi Kim/Dear Kim 😀/' \"$1\"\n", "utf-8")
    os.chmod(editor, 0o700)  # noqa: PTH101
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.setenv("VISUAL", str(editor))
    catcher.drain()
    cli("todo", "edit", number)
    cli("tick", "--deliver", "--at", "2026-03-04T11:00")
    assert catcher.drain() == []
    cli("todo", "release", number, "--at", "2026-03-04T12:00")
    cli("tick", "--deliver", "--at", "2026-03-04T12:00")
    (caught,) = catcher.drain()
    message = email.message_from_bytes(caught.raw, policy=email.policy.default)
    assert message["Subject"] == "Élan: once more"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Dear Kim 😀"
    assert "already" in cli("todo", "edit", number, "--subject", "Too late", code=1).err


def test_plain_text_written_over_a_page_is_a_page_with_paragraphs(started: Path, cli: Cli, catcher: Catcher) -> None:
    path = started / "leads.seq"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('text: "Hi {{ contact.first_name }}"', 'template: "hello.html"'), encoding="utf-8")
    cli("apply", "--yes", "--at", "2026-03-02T08:30")
    for day in ("02", "03", "04"):
        cli("tick", "--deliver", "--at", f"2026-03-{day}T09:30")
    (draft,) = cli("todo", "--kind", "email_reminder", "--format", "json").json
    assert draft["body"].startswith("<title>")
    number = str(draft["id"])
    assert "a mail without a text" in cli("todo", "edit", number, "--body", "", code=1).err
    cli("todo", "edit", number, "--subject", "Terms & prices", "--body", "Dear Kim,\n\n5 < 6 & so on.\nBye")
    assert cli("todo", "--kind", "email_reminder", "--format", "json").json[0]["title"] == "Review: Terms & prices"
    cli("todo", "release", number, "--at", "2026-03-04T12:00")
    catcher.drain()
    cli("tick", "--deliver", "--at", "2026-03-04T12:00")
    (caught,) = catcher.drain()
    message = email.message_from_bytes(caught.raw, policy=email.policy.default)
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().replace("\r\n", "\n").startswith("Dear Kim,\n\n5 < 6 & so on.\nBye")
    assert "<p>Dear Kim,</p>\n<p>5 &lt; 6 &amp; so on.<br>\nBye</p>" in page.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("further", "hint"),
    [
        ("", "it is cancelled"),  # the draft was the last step: Kim has left with `finished`
        ('  step last: email on day 9 { text: "L", subject: "L", unsubscribe: yes }\n', "the next tick takes it off the list"),
    ],
)
def test_draft_of_who_unsubscribed_meanwhile_is_not_released(started: Path, cli: Cli, further: str, hint: str) -> None:
    path = started / "leads.seq"
    path.write_text(path.read_text(encoding="utf-8").replace("  exit when", f"{further}  exit when", 1), encoding="utf-8")
    cli("apply", "--yes", "--at", "2026-03-02T08:30")
    for day in ("02", "03", "04"):
        cli("tick", "--at", f"2026-03-{day}T09:30")
    number = str(cli("todo", "--kind", "email_reminder", "--format", "json", "--at", "2026-03-04T10:00").json[0]["id"])
    cli("event", "kim@x.example", "unsubscribed", "--at", "2026-03-04T11:00")
    said = cli("todo", "release", number, "--at", "2026-03-04T12:00", code=1).err
    assert f"its message would not go: kim@x.example has unsubscribed ({hint})" in said
    cli("tick", "--at", "2026-03-05T09:30")
    (draft,) = [t for t in cli("todo", "--all", "--format", "json").json if str(t["id"]) == number]
    assert (draft["state"], draft["outcome"]) == ("cancelled", None)
    assert all(r["channel"] != "email" for r in cli("log", "--format", "json").rows if r["step"] == "draft")
