"""Channels are called with a time limit, and what a plugin does wrong is an unclear message, never a crash."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seqlang.errors import PluginError
from seqlang.host import Host, load
from seqlang.host import host as host_module
from seqlang.sdk import Accepted, MailboxSettings, Message, Unclear
from seqlang.vocabulary.settings import ProjectSettings

CODE = """
import threading
from seqlang.sdk import Accepted, hookimpl
release = threading.Event()
closed = []
class Way:
    def __init__(self, mailbox): self.mailbox = mailbox
    def deliver(self, message):
        how = message.options["how"]
        if how == "hang": release.wait(30)
        if how == "raise": raise RuntimeError("broken pipe dream")
        if how == "leave": raise SystemExit(0)
        if how == "odd": return "fine"
        return Accepted("id-1")
    def close(self): closed.append(True); raise SystemExit("already closed")
@hookimpl
def open_channel(word, mailbox, dry_run):
    if mailbox.get("leave"): raise SystemExit(0)
    if mailbox.get("refuse"): raise ValueError("`url` is missing")
    return None if mailbox.get("nothing") else Way(mailbox)
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    package = tmp_path / "plug_way"
    package.mkdir()
    (package / "__init__.py").write_text(CODE)
    (package / "seqlang-plugin.toml").write_text('sdk="1.0"\n[[channels]]\nword="way"\nhelp=""\noptions=[]\neffect="message"\n')
    info = tmp_path / "way-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: way\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[seqlang.plugins]\nway = plug_way\n")
    sys.path.insert(0, str(tmp_path))
    yield load(ProjectSettings(plugins=("way",)))
    sys.path.remove(str(tmp_path))
    module = sys.modules.pop("plug_way", None)
    if module is not None:
        module.release.set()


def message(how: str) -> Message:
    return Message("m-1", "way", "kim@example.com", {"how": how}, datetime(2026, 3, 2, tzinfo=UTC))


def box(**values: object) -> MailboxSettings:
    return MailboxSettings("way", "default", values)


def test_message_goes_through_and_the_channel_is_closed(host: Host) -> None:
    assert host.deliver("way", message("well"), box()) == Accepted("id-1")
    assert sys.modules["plug_way"].closed == [True]


def test_channel_that_raises_leaves_an_unclear_message(host: Host) -> None:
    assert "broken pipe dream" in str(host.deliver("way", message("raise"), box()))


def test_channel_that_leaves_the_program_leaves_an_unclear_message(host: Host) -> None:
    assert host.deliver("way", message("leave"), box()) == Unclear("the channel `way` failed: SystemExit: 0")


def test_person_who_interrupts_is_heard_though_a_plugin_is_at_work(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt  # as a signal does in the main thread

    monkeypatch.setattr(host_module, "call_timed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        host.open("way", box())


def test_channel_that_leaves_the_program_when_it_is_opened_is_broken(host: Host) -> None:
    with pytest.raises(PluginError, match="`way` failed: SystemExit: 0"):
        host.open("way", box(leave=True))


def test_channel_that_answers_no_outcome_leaves_an_unclear_message(host: Host) -> None:
    assert host.deliver("way", message("odd"), box()) == Unclear("the channel answered `str`, which is no outcome")


def test_channel_that_hangs_is_given_up(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "CHANNEL_CALL_SECONDS", 0.05)
    assert isinstance(host.deliver("way", message("hang"), box()), Unclear)
    assert threading.active_count() >= 2  # the one that hangs stays behind; nobody waits for it


def test_settings_that_the_plugin_refuses_are_told_in_its_words(host: Host) -> None:
    with pytest.raises(PluginError, match="`url` is missing"):
        host.open("way", box(refuse=True))


def test_plugin_that_opens_nothing_is_broken(host: Host) -> None:
    with pytest.raises(PluginError, match="does not open"):
        host.open("way", box(nothing=True))
