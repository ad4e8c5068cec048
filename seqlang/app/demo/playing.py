"""The demo: four weeks of a sales team in less than a minute, with nothing made up but the people."""

from __future__ import annotations

import email
import email.policy
import shutil
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import md5
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from seqlang.app.demo.catcher import Catcher, Caught
from seqlang.app.workspace import Workspace, open_workspace
from seqlang.clock import ManualClock
from seqlang.errors import RefusedError
from seqlang.schedule import add_span

if TYPE_CHECKING:
    from seqlang.app.reports import Table
    from seqlang.host import Host
    from seqlang.store import Store

FLOW = "Qualify new leads"
ZONE = "Europe/Berlin"
START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MARK = ".demo"  # a folder with this file in it is ours to empty


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demo ends with."""

    tables: list[Table]
    closing: tuple[str, ...]


def play_demo(folder: str, weeks: int, note: Callable[[str], None], day_done: Callable[[int], None]) -> Shown:
    """Play it in `folder`, which it makes (or empties, where an earlier demo made it)."""
    place = _prepare(Path(folder))
    note(f"the project lies in {place}")
    with Catcher(place / "mails", refuse=_is_unknown) as catcher:
        note(f"a mail catcher listens on 127.0.0.1:{catcher.port}; nothing leaves this machine")
        workspace = _with_catcher(open_workspace(str(place)), catcher.port)
        _set_up(workspace, note)
        days = _Days(workspace, catcher)
        note(f"playing {weeks} weeks from {START.date()}")
        days.play(weeks * 7, day_done)
    return _ending(workspace, place, catcher.count, days)


def _prepare(place: Path) -> Path:
    if place.exists() and any(place.iterdir()):
        if not (place / MARK).exists():
            raise RefusedError(f"`{place}` is not empty, and no demo made it", hint="name another folder: `seqlang demo DIR`")
        shutil.rmtree(place)
    place.mkdir(parents=True, exist_ok=True)
    with as_file(files("seqlang.app.demo").joinpath("project")) as source:
        shutil.copytree(source, place, dirs_exist_ok=True)
    (place / MARK).write_text("made by `seqlang demo`, which empties this folder when it is called again\n", encoding="utf-8")
    return place.resolve()


def _with_catcher(workspace: Workspace, port: int) -> Workspace:
    """Return the workspace with the catcher as the organisation's mailbox: its port is another one each time."""
    channels = {"email": {"default": {"smtp": f"smtp://127.0.0.1:{port}", "from": "ana@demo.example"}}}
    text = (workspace.folder / "seqlang.toml").read_text(encoding="utf-8")
    assert "channels" in tomllib.loads(text)
    fields = workspace.settings.model_dump() | {"channels": channels}
    return replace(workspace, settings=type(workspace.settings).model_validate(fields))


def _set_up(workspace: Workspace, note: Callable[[str], None]) -> None:
    """Do what a person would: check, apply, import, start."""
    from seqlang.app.defining import apply_changes, find_changes
    from seqlang.app.importing import import_file
    from seqlang.app.imports import Import
    from seqlang.app.lifecycle import start_flow

    changes = find_changes(workspace, create=True)
    found = changes.checked.diagnostics
    note(f"seqlang check: {len(found)} found" if found else "seqlang check: nothing wrong")
    apply_changes(workspace, changes, START)
    note("seqlang apply: " + ", ".join(f"{line.what} {line.kind} {line.name}" for line in changes.lines))
    done = import_file(workspace, str(workspace.folder / "contacts.csv"), Import(), START, lambda _done, _of: None)
    note(f"seqlang import contacts.csv: {done.added} added, {len(done.bad)} bad")
    note(f"seqlang start: {start_flow(workspace, FLOW, START)}")


# ------------------------------------------------------------------------------------------- the people


def _number(address: str) -> int:
    """Return a number from 0 to 99 that is always the same for an address: who does what is no chance."""
    return int(md5(address.lower().encode(), usedforsecurity=False).hexdigest()[:8], 16) % 100


def _is_unknown(address: str) -> bool:
    """Whether the catcher says that there is no such mailbox."""
    return _number(address) < 4


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a contact does about a message."""

    address: str
    kind: str
    value: str | None
    hours: int  # after it came


def react(address: str, nth: int, today: date) -> list[Reaction]:
    """Return what the contact does about the nth message it gets, from 1."""
    number = _number(address)
    if number < 12:
        return [Reaction(address, "opened", None, 1), Reaction(address, "replied", None, 2)] if nth == 1 else []
    if number < 22:
        return [Reaction(address, "replied", None, 3)] if nth == 2 else [Reaction(address, "opened", None, 1)]
    if number < 26:
        return [Reaction(address, "unsubscribed", None, 4)] if nth == 2 else []
    if number < 30:
        return [Reaction(address, "replied", None, 5)] if nth == 3 else []
    if number < 32 and nth == 1:
        return [Reaction(address, "replied", f"out of office {today + timedelta(days=9)}", 1)]
    if number < 65:
        return [Reaction(address, "opened", None, 2)]
    return []


def answer_call(address: str) -> str:
    """Return what came of a call to the contact."""
    return ("Connected", "No answer", "No answer", "Voicemail")[_number(address) % 4]


# --------------------------------------------------------------------------------------------- the days


class _Days:
    """Plays day after day: a tick in the morning, what people do, a tick in the afternoon."""

    def __init__(self, workspace: Workspace, catcher: Catcher) -> None:
        self.workspace, self.catcher = workspace, catcher
        self.got: dict[str, int] = {}  # address -> how many messages it got
        self.did: dict[str, int] = {}  # kind of reaction -> how many
        self.problems: list[str] = []

    def play(self, count: int, day_done: Callable[[int], None]) -> None:
        """Play so many days."""
        from seqlang.app.opening import opened
        from seqlang.host import load
        from seqlang.plan.conditions import Span

        with opened(self.workspace) as store:
            host = load(self.workspace.settings)
            for number in range(count):
                morning = add_span(START, Span(count=number, unit="day"), ZONE) + HOUR + HOUR / 2
                self._tick(store, host, morning)
                reactions = self._read_mails(morning.date())
                self._call(store, morning + HOUR)
                self._tell(store, morning, reactions)
                self._tick(store, host, morning + 7 * HOUR)
                day_done(number + 1)

    def _tick(self, store: Store, host: Host, at: datetime) -> None:
        from seqlang.app.ticking import one_round

        self.problems += one_round(store, host, self.workspace, ManualClock(at), send=True).warnings

    def _read_mails(self, today: date) -> list[Reaction]:
        """Read what came, as its recipients would."""
        found: list[Reaction] = []
        for caught in self.catcher.drain():
            address = recipient_of(caught)
            self.got[address] = self.got.get(address, 0) + 1
            found += react(address, self.got[address], today)
        return found

    def _call(self, store: Store, at: datetime) -> None:
        """Ana makes her calls."""
        from seqlang.dispatch.todo_list import finish_todo, list_todos

        with store.read() as conn:
            calls = list_todos(conn, store, kind="call")
        for call in calls:
            finish_todo(store, call.id, answer_call(call.contact or ""), at)
        if calls:
            self.did["calls reported"] = self.did.get("calls reported", 0) + len(calls)

    def _tell(self, store: Store, morning: datetime, reactions: Sequence[Reaction]) -> None:
        """Record what the recipients did; a reply belongs to the latest message."""
        from seqlang.engine.telling import Told, tell_all

        told = [
            Told(at=morning + r.hours * HOUR, record="contact", key=r.address, kind=r.kind, sequence=FLOW, value=r.value)
            for r in reactions
        ]
        with store.begin() as conn:
            problems = tell_all(conn, store, told, recorded_at=morning + 6 * HOUR)
        self.problems += [p.message for p in problems]
        for reaction in reactions:
            kind = "out of office" if reaction.value else reaction.kind
            self.did[kind] = self.did.get(kind, 0) + 1


def recipient_of(caught: Caught) -> str:
    """Return whom a message is for, as its own head says."""
    head = email.message_from_bytes(caught.raw, policy=email.policy.default)
    addresses = getattr(head["to"], "addresses", ())
    return str(addresses[0].addr_spec).lower() if addresses else caught.recipients[0]


def _ending(workspace: Workspace, place: Path, mails: int, days: _Days) -> Shown:
    from seqlang.app.reports import read_metrics

    tables = read_metrics(workspace, FLOW).tables()
    tables.append(("what people did", ("what", "times"), [(what, n) for what, n in sorted(days.did.items())]))
    shown = place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place
    problems = [f"went wrong: {p}" for p in dict.fromkeys(days.problems)]
    return Shown(
        tables,
        (
            *problems,
            f"{mails} e-mails were sent; they lie in {shown / 'mails'}",
            f"the database is {shown / 'seqlang.db'}",
            "",
            "try next:",
            f"  cd {shown}",
            "  seqlang status",
            f'  seqlang log --sequence "{FLOW}" | head -20',
            f'  seqlang why {_someone(workspace)} "{FLOW}"',
            "  seqlang simulate --contacts contacts.csv --from 2026-03-02 --until 2026-03-30 --summary",
            "  edit outreach.seq, then: seqlang check && seqlang test && seqlang diff",
        ),
    )


def _someone(workspace: Workspace) -> str:
    """Return a contact with a story: one who answered."""
    from seqlang.app.listing import list_records

    found = list_records(workspace, "contact", where='was in sequence "Qualify new leads"')
    at = found.columns.index("email")
    addresses = [str(row[at]) for row in found.rows if row[at] is not None]
    return next((a for a in addresses if 12 <= _number(a) < 22), addresses[0] if addresses else "kim@acme.example")


__all__ = ["Shown", "answer_call", "play_demo", "react", "recipient_of"]
