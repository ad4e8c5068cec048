"""To-dos as a calendar (RFC 5545), for people who keep their day in another program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from seqlang.app.todos import Filter, TodoShown, list_todos
from seqlang.app.workspace import Workspace
from seqlang.errors import UsageError

if TYPE_CHECKING:
    from seqlang.dispatch.todo_list import Todo

LINE_BYTES_MAX = 75
LASTS = timedelta(minutes=15)
PRODUCT = "-//seqlang//to-dos//EN"
CONTENT_TYPE = "text/calendar; charset=utf-8"


def ics_feed(workspace: Workspace, at: datetime, wanted: Filter | None = None, *, tasks: bool = False) -> bytes:
    """Return the open to-dos as an .ics file: those with a due time as events, which every calendar shows.

    `tasks`: as tasks instead (VTODO), those without a due time too; few calendars that subscribe to a feed show these.
    """
    return calendar_of(list_todos(workspace, at, wanted or Filter()), workspace.settings.name, at, tasks=tasks)


def feed_address(workspace: Workspace, owner: str | None) -> str:
    """Return the address at which `seqlang serve` has an owner's to-dos (None: everybody's); whoever knows it can read them.

    UsageError: nothing serves the project. ProjectError: the secret of `[web]` cannot be had.
    """
    from seqlang.dispatch.links import links_of

    links = links_of(workspace.settings.web)
    if links is None:
        raise UsageError("a calendar has an address where `seqlang serve` does: `[web]` of seqlang.toml has no `url`")
    return links.calendar(owner)


def calendar_of(items: Sequence[TodoShown], project: str, at: datetime, *, tasks: bool) -> bytes:
    """Return the calendar; a to-do has the same UID for ever, so that a calendar that reads it again changes it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
             f"X-WR-CALNAME:{escaped(project)}", "REFRESH-INTERVAL;VALUE=DURATION:PT15M"]  # fmt: skip
    for item in items:
        if item.todo.state == "open" and (tasks or item.todo.due_at is not None):
            lines += _task(item, project, at) if tasks else _event(item, project, at)
    lines.append("END:VCALENDAR")
    return "".join(piece + "\r\n" for line in lines for piece in folded(line)).encode()


def _event(item: TodoShown, project: str, at: datetime) -> list[str]:
    due = item.todo.due_at
    assert due is not None
    return [
        "BEGIN:VEVENT", *_both(item.todo, project, at), f"DTSTART:{stamp(due)}", f"DTEND:{stamp(due + LASTS)}",
        "TRANSP:TRANSPARENT", "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(item.todo.title)}", "TRIGGER:PT0S",
        "END:VALARM", "END:VEVENT",
    ]  # fmt: skip


def _task(item: TodoShown, project: str, at: datetime) -> list[str]:
    due = [] if item.todo.due_at is None else [f"DUE:{stamp(item.todo.due_at)}"]
    return ["BEGIN:VTODO", *_both(item.todo, project, at), *due, "STATUS:NEEDS-ACTION", "END:VTODO"]


def _both(todo: Todo, project: str, at: datetime) -> list[str]:
    about = [todo.body or "", f"{todo.name} {todo.contact or ''} {todo.phone or ''}".strip(), f"{todo.flow}: {todo.step}"]
    return [
        f"UID:todo-{todo.id}@{_host(project)}.seqlang.invalid", f"DTSTAMP:{stamp(at)}", f"CREATED:{stamp(todo.created_at)}",
        f"SUMMARY:{escaped(todo.title)}", "DESCRIPTION:" + escaped("\n".join(part for part in about if part)),
        f"CATEGORIES:{escaped(todo.kind)}", *([f"URL:tel:{_dialled(todo.phone)}"] if todo.kind == "call" and todo.phone else []),
    ]  # fmt: skip


def escaped(text: str) -> str:
    """Return a text as a value: RFC 5545, 3.3.11; other control characters are left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(sign for sign in plain if ord(sign) >= 32 and ord(sign) != 127)


def folded(line: str) -> Iterator[str]:
    """Yield the line in pieces of 75 bytes at most, those behind the first begun with a space; no sign is cut in two."""
    piece, size = "", 0
    for sign in line:
        length = len(sign.encode())
        if size + length > LINE_BYTES_MAX:
            yield piece
            piece, size = " ", 1
        piece += sign
        size += length
    yield piece


def stamp(at: datetime) -> str:
    """Return an instant in UTC."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _host(project: str) -> str:
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in project.lower()).strip("-") or "project"


def _dialled(phone: str) -> str:
    return "".join(sign for sign in phone if sign in "+0123456789")
