"""Senders that die, hang, or are two: nobody gets a message twice, nobody is forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from seqlang.clock import to_micros
from seqlang.dispatch import OutboxLine, list_messages, settle_message
from seqlang.dispatch import lines as lines_module
from seqlang.errors import NotFoundError, RefusedError
from seqlang.host import Host, load
from seqlang.limits import LEASE_SECONDS, MAILBOX_RETRY_SECONDS, SENDING_GROUP_MAX
from seqlang.store import Store
from seqlang.store.tables import ledger
from seqlang.vocabulary.settings import ProjectSettings
from tests.dispatch.world import AT, World, step
from tests.plugins.mail_server import Box, running

ROOT = Path(__file__).parents[2]
SENDER = """
import sys
from datetime import UTC, datetime
sys.path[:0] = [{root!r}]
from tests.dispatch.world import AT
from seqlang.clock import ManualClock
from seqlang.dispatch import deliver
from seqlang.host import load
from seqlang.store import Store
from seqlang.vocabulary.settings import ProjectSettings
store = Store.open({url!r})
box = {{"smtp": "smtp://127.0.0.1:{port}", "connections": {connections}}}
settings = ProjectSettings(channels={{"email": {{"default": box}}}})
print("ready", flush=True)
print(deliver(store, load(), settings, ManualClock(AT)).accepted, flush=True)
"""


def started(url: str, port: int, connections: int = 1) -> subprocess.Popen[str]:
    code = textwrap.dedent(SENDER).format(root=str(ROOT), url=url, port=port, connections=connections)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def world_at(url: str, port: int) -> World:
    return World(Store.open(url), {"channels": {"email": {"default": {"smtp": f"smtp://127.0.0.1:{port}"}}}})


@pytest.mark.parametrize("killed_after", [1, 30, 77])
def test_killed_sender_leaves_nobody_twice_and_nobody_forgotten(store_url: str, killed_after: int) -> None:
    box = Box()
    enough = threading.Event()

    class Watching(list[bytes]):
        def append(self, item: bytes) -> None:
            super().append(item)
            if len(self) >= killed_after:
                enough.set()

    box.raw = Watching()
    with running(box) as port:
        world = world_at(store_url, port)
        world.user("ana@example.com")
        world.flow(step())
        world.planned(200)
        sender = started(store_url, port)
        assert enough.wait(60)
        os.kill(sender.pid, signal.SIGKILL)
        sender.wait()
        assert sender.stdout is not None
        sender.stdout.close()
        world.deliver()  # what the dead sender held is not touched before its lease ends
        world.later(seconds=LEASE_SECONDS + 1)
        world.deliver()
        world.later(days=1)
        world.deliver()
    got = box.reached()
    assert len(got) == len(set(got))
    states = world.states()
    assert set(states) <= {"accepted", "unknown"}
    unclear = {m.recipient for m in _unclear(world)}
    assert len(unclear) <= 2 * SENDING_GROUP_MAX
    # Everybody has it, or stands in the list of those that a person decides about.
    assert set(got) | unclear == {f"p{n}@example.com" for n in range(200)}
    world.store.close()


def _unclear(world: World) -> list[OutboxLine]:
    with world.store.read() as conn:
        return list(list_messages(conn, world.store, state="unknown", limit=1000))


def test_two_senders_share_the_work_and_never_send_twice(store_url: str) -> None:
    box = Box()
    with running(box) as port:
        world = world_at(store_url, port)
        world.user("ana@example.com")
        world.flow(step())
        world.planned(400)
        senders = [started(store_url, port, connections=2) for _ in range(2)]
        told = [sender.communicate(timeout=120)[0].split() for sender in senders]
    assert [sender.returncode for sender in senders] == [0, 0]
    assert sum(int(line[-1]) for line in told) == 400
    assert len(box.reached()) == len(set(box.reached())) == 400
    assert world.states() == {"accepted": 400}
    world.store.close()


def test_sender_whose_lease_was_taken_over_cannot_note_anything(store: Store) -> None:
    box = Box()
    with running(box) as port:
        world = World(store, {"channels": {"email": {"default": {"smtp": f"smtp://127.0.0.1:{port}"}}}})
        world.flow(step())
        world.planned(3)
        with store.begin() as conn:  # another one has claimed them
            conn.execute(update(ledger).values(lease_until=to_micros(AT) + LEASE_SECONDS * 1_000_000, fence=7))
        assert world.deliver().done == 0
        world.later(seconds=LEASE_SECONDS + 1)
        assert world.deliver().accepted == 3
        assert {r.fence for r in world.rows(ledger)} == {8}


# -------------------------------------------------------------------------------------------------- channels that misbehave

CODE = """
import threading
from seqlang.sdk import Accepted, hookimpl
release = threading.Event()
delivered = []
hangs = False
class Way:
    def deliver(self, message):
        delivered.append(message.key)
        if hangs or message.to.startswith("p3@"): release.wait(60)
        if message.to.startswith("p5@"): raise RuntimeError("boom")
        return Accepted(None, "ok")
    def close(self): pass
@hookimpl
def open_channel(word, mailbox, dry_run): return Way()
"""
MANIFEST = """
sdk = "1.0"
[[channels]]
word = "way"
help = "A test channel"
effect = "message"
address = "email"
idempotent = {idempotent}
options = [{{ name = "text", type = "text" }}]
"""


@pytest.fixture
def way(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Host]:
    package = tmp_path / "plug_dispatch_way"
    package.mkdir()
    (package / "__init__.py").write_text(CODE)
    (package / "seqlang-plugin.toml").write_text(MANIFEST.format(idempotent=str(getattr(request, "param", False)).lower()))
    info = tmp_path / "way-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: way\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[seqlang.plugins]\nway = plug_dispatch_way\n")
    sys.path.insert(0, str(tmp_path))
    yield load(ProjectSettings(plugins=("way",)))
    sys.path.remove(str(tmp_path))
    module = sys.modules.pop("plug_dispatch_way", None)
    if module is not None:
        module.release.set()


def way_world(store: Store, host: Host) -> World:
    world = World(store, {}, host)
    world.flow(step(channel="way", options=(("text", step().options[1][1]),), placeholders=()))
    world.planned(8)
    return world


def test_plugin_that_raises_leaves_its_own_message_to_a_person(store: Store, way: Host) -> None:
    world = way_world(store, way)
    sys.modules.get("plug_dispatch_way")
    way.verify()
    sys.modules["plug_dispatch_way"].release.set()
    done = world.deliver()
    assert (done.accepted, done.unknown) == (7, 1)
    assert "boom" in str(world.errors()[5])


def test_plugin_that_hangs_is_given_up_and_the_others_go(store: Store, way: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module.Line.overdue, "__defaults__", (0.3,))
    world = way_world(store, way)
    done = world.deliver()
    assert (done.accepted, done.unknown) == (6, 2)
    assert next(e for e in world.errors() if e is not None).startswith("the channel did not answer")
    module = sys.modules["plug_dispatch_way"]
    module.release.set()
    assert sorted(module.delivered) == sorted(set(module.delivered))  # who woke up late sends nothing more


def test_channel_that_always_hangs_stands_still_and_leaves_one_message_unclear(
    store: Store, way: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute and an unclear message for each of a thousand contacts would stop everybody for a day."""
    monkeypatch.setattr(lines_module.Line.overdue, "__defaults__", (0.3,))
    world = way_world(store, way)
    way.verify()
    module: Any = sys.modules["plug_dispatch_way"]
    module.hangs = True
    done = world.deliver()
    assert (done.accepted, done.unknown) == (0, 1)
    assert done.problems == ("way:default: the channel did not answer within 60 seconds",)
    assert done.next_at == AT + timedelta(seconds=MAILBOX_RETRY_SECONDS)
    assert world.deliver().done == 0  # not before its time
    module.release.set()
    module.hangs = False
    monkeypatch.setattr(lines_module.Line.overdue, "__defaults__", (60.0,))
    world.later(seconds=MAILBOX_RETRY_SECONDS + 1)
    later = world.deliver()
    assert (later.accepted, later.unknown) == (6, 1)  # the one that raises


@pytest.mark.parametrize("way", [True], indirect=True)
def test_unclear_message_of_a_channel_with_keys_is_tried_again(store: Store, way: Host) -> None:
    world = way_world(store, way)
    way.verify()
    sys.modules["plug_dispatch_way"].release.set()
    assert world.deliver().retry == 1
    with store.begin() as conn:  # and so is one whose sender died
        conn.execute(update(ledger).where(ledger.c.id == 1).values(state="sending", lease_until=to_micros(AT) - 1))
    assert world.deliver().accepted == 1


# ----------------------------------------------------------------------------------------------------------- a person decides


def unclear(store: Store, way: Host) -> World:
    world = way_world(store, way)
    way.verify()
    sys.modules["plug_dispatch_way"].release.set()
    world.deliver()
    return world


@pytest.mark.parametrize(("decision", "state"), [("sent", "accepted"), ("drop", "cancelled"), ("resend", "planned")])
def test_person_settles_an_unclear_message(store: Store, way: Host, decision: str, state: str) -> None:
    world = unclear(store, way)
    found = settle_message(store, 6, decision, AT)  # type: ignore[arg-type]
    assert (found.state, found.contact) == (state, "p5@example.com")
    with pytest.raises(RefusedError, match="only unclear ones"):
        settle_message(store, 6, "sent", AT)
    assert world.deliver().done == (1 if decision == "resend" else 0)


def test_message_that_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no message 99"):
        settle_message(store, 99, "sent", AT)
    with store.read() as conn, pytest.raises(RefusedError, match="no state `odd`"):
        list_messages(conn, store, state="odd")


def test_outbox_tells_what_became_of_messages(store: Store, way: Host) -> None:
    world = unclear(store, way)
    with world.store.read() as conn:
        latest, *_ = list_messages(conn, store, sequence="Flow", limit=3)
        assert (latest.id, latest.state, latest.flow, latest.step, latest.channel, latest.reason) == (
            8,
            "accepted",
            "Flow",
            "hello",
            "way",
            "ok",
        )
        assert [m.contact for m in list_messages(conn, store, contact="P5@example.com")] == ["p5@example.com"]
        assert [m.state for m in list_messages(conn, store, state="unknown")] == ["unknown"]
        assert list_messages(conn, store, state="failed") == []
