"""Lines and the channels that take a message early: which outcome belongs to which message, whatever the channel does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

import pytest

from seqlang.dispatch import lines as lines_module
from seqlang.dispatch.lines import Done, Line
from seqlang.dispatch.settle import Result
from seqlang.host import Host, load
from seqlang.store import Store
from seqlang.vocabulary.settings import ProjectSettings
from tests.dispatch.test_crash import MANIFEST
from tests.dispatch.world import World, step

CODE = """
import threading
from seqlang.sdk import Accepted, Unavailable, hookimpl
release = threading.Event()
gone, closed, misdeeds = [], [], {}
class Way:
    def deliver(self, message): raise AssertionError("it has a better way")
    def close(self): pass
    def deliver_each(self, messages):
        taken = [message for message in (next(messages, None), next(messages, None)) if message]
        try:
            while taken:
                message = taken.pop(0)
                how = misdeeds.pop(message.to.partition("@")[0], None)
                if how == "hang": release.wait(60)
                if how == "raise": raise RuntimeError("boom")
                if how == "leave": raise SystemExit(0)
                if how == "interrupt": raise KeyboardInterrupt
                if how == "cancel": raise GeneratorExit
                if how == "end": return
                if how == "odd": yield "fine"; continue
                if how == "closed": yield Unavailable("closed"); continue
                gone.append(message.to)
                yield Accepted(None, "ok")
                taken += [message for message in (next(messages, None),) if message]
        finally:
            closed.append(len(taken))
class WideWay(Way):
    in_flight = 1
    def deliver_each(self, messages):
        going = []
        while True:
            while len(going) < self.in_flight and (message := next(messages, None)):
                gone.append(message.to)
                going.append(message)
            if not going: return
            how = misdeeds.pop(going.pop(0).to.partition("@")[0], None)
            if how == "hang": release.wait(60)
            if how == "raise": raise RuntimeError("boom")
            if how == "end": return
            self.in_flight = 4
            yield Unavailable("closed") if how == "closed" else Accepted(None, "ok")
            if how == "closed":
                yield from [Accepted(None, "ok") for _ in going]
                return
wide = []
@hookimpl
def open_channel(word, mailbox, dry_run): return WideWay() if wide else Way()
"""


@pytest.fixture
def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.setattr(lines_module, "SENDING_GROUP_MIN", 25)  # all messages of a test are one group
    package = tmp_path / "plug_lines_way"
    package.mkdir()
    (package / "__init__.py").write_text(CODE)
    (package / "seqlang-plugin.toml").write_text(MANIFEST.format(idempotent="false"))
    info = tmp_path / "way-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: way\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[seqlang.plugins]\nway = plug_lines_way\n")
    sys.path.insert(0, str(tmp_path))
    host = load(ProjectSettings(plugins=("way",)))
    host.verify()
    yield host
    sys.path.remove(str(tmp_path))
    module = sys.modules.pop("plug_lines_way", None)
    if module is not None:
        module.release.set()


def delivered(store: Store, host: Host, *, wide: bool = False, **misdeeds: str) -> tuple[World, Any]:
    world = World(store, {}, host)
    world.flow(step(channel="way", options=(("text", step().options[1][1]),), placeholders=()))
    world.planned(8)
    module = sys.modules["plug_lines_way"]
    module.wide[:] = [True] * wide
    module.misdeeds.update(misdeeds)
    world.deliver()
    return world, module


def everybody(*but: int) -> list[str]:
    return [f"p{number}@example.com" for number in range(8) if number not in but]


def test_all_go_once_and_in_order(store: Store, way: Host) -> None:
    world, module = delivered(store, way)
    assert module.gone == everybody()
    assert world.states() == {"accepted": 8}


def test_exception_leaves_its_own_message_to_a_person_and_those_taken_early_go(store: Store, way: Host) -> None:
    world, module = delivered(store, way, p3="raise")
    assert module.gone == everybody(3)
    assert world.states() == {"accepted": 7, "unknown": 1}
    assert "boom" in str(world.errors()[3])


@pytest.mark.parametrize(
    ("how", "says"), [("leave", "SystemExit: 0"), ("interrupt", "KeyboardInterrupt"), ("cancel", "GeneratorExit")]
)
def test_channel_that_would_end_the_program_leaves_its_own_message_to_a_person(
    store: Store, way: Host, how: str, says: str
) -> None:
    world, module = delivered(store, way, p3=how)
    assert module.gone == everybody(3)
    assert world.states() == {"accepted": 7, "unknown": 1}
    assert says in str(world.errors()[3])


def test_answer_that_is_no_outcome_is_unclear(store: Store, way: Host) -> None:
    world, module = delivered(store, way, p3="odd")
    assert module.gone == everybody(3)
    assert "no outcome" in str(world.errors()[3])


def test_channel_that_ends_without_a_word_leaves_what_it_has_taken_unclear(store: Store, way: Host) -> None:
    world, module = delivered(store, way, p3="end")
    assert module.gone == everybody(3, 4)
    assert world.states() == {"accepted": 6, "unknown": 2}
    assert "did not say what became of the message" in str(world.errors()[3])


def test_mailbox_that_cannot_be_used_keeps_what_was_taken_early(store: Store, way: Host) -> None:
    world, module = delivered(store, way, p3="closed")
    assert module.gone == everybody(3, 4, 5, 6, 7)
    assert world.states() == {"accepted": 3, "planned": 5}
    assert module.closed == [1]  # it was told that nobody waits for the one that it had begun


def test_group_whose_time_is_up_ends_though_the_channel_has_taken_more(
    store: Store, way: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its leases end: what was taken early and did not go is given back, and goes with another group."""
    seen: list[float] = []

    def late(given: float) -> bool:
        seen.append(given)
        return given == seen[0] and len(sys.modules["plug_lines_way"].gone) >= 3

    monkeypatch.setattr(lines_module, "_late", late)
    world, module = delivered(store, way)
    assert module.closed[0] == 1  # after the third: the fourth was taken
    assert sorted(module.gone) == everybody()
    assert world.states() == {"accepted": 8}


def test_channel_that_hangs_leaves_one_message_unclear_and_the_others_go(
    store: Store, way: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module.Line.overdue, "__defaults__", (0.3,))
    world, module = delivered(store, way, p3="hang")
    assert world.states() == {"accepted": 7, "unknown": 1}
    assert str(world.errors()[3]).startswith("the channel did not answer")
    before = {thread.name for thread in threading.enumerate()}
    assert "seqlang-line" in before
    module.release.set()
    for thread in threading.enumerate():
        if thread.name == "seqlang-line":
            thread.join(10)
    assert sorted(module.gone) == everybody()  # the one that hung woke up and went; nothing behind it went twice


@pytest.mark.parametrize(
    ("how", "unknown", "says"),
    [
        ("raise", [3, 4, 5, 6], "boom"),
        ("hang", [3, 4, 5, 6], "the channel did not answer"),
        ("end", [3, 4, 5, 6], "did not say what became of the message"),
    ],
)
def test_channel_with_several_on_their_way_leaves_unclear_what_may_have_gone_and_nothing_else(
    store: Store, way: Host, monkeypatch: pytest.MonkeyPatch, how: str, unknown: list[int], says: str
) -> None:
    monkeypatch.setattr(lines_module.Line.overdue, "__defaults__", (0.3,))
    world, module = delivered(store, way, wide=True, p3=how)
    assert world.states() == {"accepted": 8 - len(unknown), "unknown": len(unknown)}
    assert [number for number, error in enumerate(world.errors()) if says in str(error)] == unknown
    module.release.set()
    for thread in threading.enumerate():
        if thread.name == "seqlang-line":
            thread.join(10)
    assert sorted(module.gone) == everybody()  # nothing twice


def test_mailbox_that_cannot_be_used_tells_of_those_on_their_way_and_keeps_the_others(store: Store, way: Host) -> None:
    world, module = delivered(store, way, wide=True, p3="closed")
    assert module.gone == everybody(7)
    assert world.states() == {"accepted": 6, "planned": 2}


def test_group_whose_time_is_up_leaves_unclear_what_may_have_gone(
    store: Store, way: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def late(given: float) -> bool:
        seen.append(given)
        return given == seen[0] and len(sys.modules["plug_lines_way"].gone) >= 6

    monkeypatch.setattr(lines_module, "_late", late)
    world, module = delivered(store, way, wide=True)
    assert sorted(module.gone) == everybody()
    assert world.states() == {"accepted": 5, "unknown": 3}
    assert [number for number, error in enumerate(world.errors()) if "no time left" in str(error)] == [3, 4, 5]


@pytest.mark.parametrize("in_flight", ["wide", None, 0, -1, property(lambda _: 1 / 0)])
def test_number_in_flight_that_is_none_is_one(
    store: Store, way: Host, monkeypatch: pytest.MonkeyPatch, in_flight: object
) -> None:
    monkeypatch.setattr(lines_module.Line.overdue, "__defaults__", (0.3,))
    module = sys.modules["plug_lines_way"]
    module.Way.in_flight = in_flight
    world, _ = delivered(store, way, p3="hang")
    assert world.states() == {"accepted": 7, "unknown": 1}
    module.release.set()


def test_groups_are_as_large_as_what_the_connection_sends_in_a_moment(way: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "SENDING_GROUP_MIN", 5)
    line = Line(way, SimpleQueue())
    sizes = []
    for seconds in (0.01, 0.01, 0.01, 0.01, 0.01, 0.07, 0.2, 5, 5, 5, None):
        line.learn(Done(line, (cast("Result", None),) * line.size, seconds))
        sizes.append(line.size)
    line.learn(Done(line, (), 0.0))  # there was less to do: nothing is known
    line.close()
    assert sizes == [10, 20, 40, 50, 50, 50, 25, 12, 6, 5, 5]
    assert line.size == 5
