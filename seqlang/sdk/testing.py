"""The conformance suite: a base class for the tests of a plugin, that asks of any channel what every channel must do.

    class TestChat(ChannelConformance):
        plugin = "chat"                      # the name of the entry point
        word = "chat"
        options = {"text": "Hello"}          # options that the channel accepts
        settings = {}                        # of its mailbox

pytest collects it like any other class of tests. Nothing here touches the network: channels are opened as a dry run.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from seqlang.sdk.hooks import Channel
from seqlang.sdk.mailbox import MailboxSettings
from seqlang.sdk.messages import Message, Person
from seqlang.sdk.outcomes import Accepted, Outcome, Rejected, Retry, Unavailable, Unclear
from seqlang.sdk.version import ENTRY_POINT_GROUP, MANIFEST_NAME, fits

__all__ = ["ChannelConformance", "no_network", "sample_message"]

IMPORT_SECONDS_MAX = 0.1
OUTCOMES = (Accepted, Rejected, Retry, Unavailable, Unclear)
FORBIDDEN = ("sqlalchemy", "jinja2", "lark", "click", "rich")
_MEASURE = """
import sys, time
import seqlang.sdk, seqlang.sdk.hooks
began = time.process_time()
import {module}
print(time.process_time() - began)
print(" ".join(sorted(m.partition(".")[0] for m in sys.modules)))
"""


def sample_message(word: str, options: Mapping[str, Any], to: str = "kim@example.com", key: str = "sample.1") -> Message:
    """Return a message as the core makes it."""
    ana = Person("ana@example.com", "Ana", "Li")
    at = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    return Message(key=key, word=word, to=to, options=dict(options), at=at, planned_at=at, flow="Sample", step="hello", owner=ana,
                   sender=ana, message_id=f"<{key}@example.com>", contact={"email": to, "first_name": "Kim"},
                   record={"email": to, "first_name": "Kim"})


class ChannelConformance:
    """What every channel must do. Subclass it, name the plugin, and pytest runs it."""

    plugin: ClassVar[str] = ""
    word: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Any]] = {}
    settings: ClassVar[Mapping[str, Any]] = {}
    to: ClassVar[str] = "kim@example.com"

    # ------------------------------------------------------------------------------------------------ what it says of itself

    def test_plugin_is_installed(self) -> None:
        """Its entry point is there, once, and its module can be found."""
        assert _spec(self._entry()) is not None, f"the module {self._entry().module} is not there"

    def test_manifest_is_data_of_this_interface(self) -> None:
        """What it brings stands in a manifest that this version understands."""
        from seqlang.vocabulary.channels import ChannelSpec

        table = self._manifest()
        assert fits(str(table.get("sdk"))), "the manifest's `sdk` is none that this version understands"
        words = [ChannelSpec.model_validate(item).word for item in table.get("channels", ())]
        assert self.word in words, f"the manifest does not bring the channel {self.word}"

    def test_every_option_and_setting_is_documented(self) -> None:
        """Each has one sentence of help, which people see in `plugin list` and in their editor."""
        channel = self._channel_table()
        bare = [o["name"] for o in (*channel.get("options", ()), *channel.get("settings", ())) if not o.get("help")]
        assert channel.get("help"), "the channel has no help"
        assert not bare, f"these have no help: {', '.join(bare)}"

    def test_required_options_are_in_the_sample(self) -> None:
        """The sample of this suite is one that `check` accepts."""
        known = {o["name"]: o for o in self._channel_table().get("options", ())}
        unknown = sorted(set(self.options) - set(known))
        missing = sorted(name for name, o in known.items() if o.get("required") and name not in self.options)
        assert not unknown, f"the channel has no option {', '.join(unknown)}"
        assert not missing, f"the sample lacks {', '.join(missing)}"

    def test_import_is_fast_and_light(self) -> None:
        """Importing it takes under 100 ms of the processor (the best of five) and brings none of the core's heavy parts."""
        times, modules = [], set()
        for _ in range(5):
            code = _MEASURE.format(module=self._entry().module)
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  ourselves
            seconds, names = done.stdout.splitlines()
            times.append(float(seconds))
            modules = set(names.split())
            if min(times) < IMPORT_SECONDS_MAX:
                break
        assert min(times) < IMPORT_SECONDS_MAX, f"importing takes {min(times) * 1000:.0f} ms"
        assert modules.isdisjoint(FORBIDDEN), f"importing brings {', '.join(sorted(modules.intersection(FORBIDDEN)))}"

    def test_code_has_only_hooks_that_exist(self) -> None:
        """Every hook it implements is one of the interface."""
        assert self._hooks() is not None

    # ------------------------------------------------------------------------------------------------------ what it does

    def test_dry_run_accepts_the_sample_without_the_network(self) -> None:
        """A dry run builds the message and touches no network."""
        with no_network():
            outcome = self._deliver(sample_message(self.word, self.options, self.to))
        assert isinstance(outcome, Accepted), f"the sample became {outcome}"
        assert outcome.detail, "a dry run shows what would go out"

    def test_same_key_gives_the_same_message(self) -> None:
        """The same message at another attempt is the same to the other side."""
        first = self._deliver(sample_message(self.word, self.options, self.to))
        second = self._deliver(sample_message(self.word, self.options, self.to))
        assert first == second

    def test_empty_message_has_an_outcome(self) -> None:
        """Options that are empty are no crash: an outcome says what is wrong."""
        blank = {name: "" for name, value in self.options.items() if isinstance(value, str)}
        assert isinstance(self._deliver(sample_message(self.word, {**self.options, **blank}, self.to)), OUTCOMES)

    def test_settings_that_cannot_work_are_told(self) -> None:
        """Without any settings it opens, or says in one sentence what is missing."""
        told = "opened"
        try:
            self._open({}, dry_run=False).close()
        except ValueError as error:
            told = str(error)
        assert told, "say what is missing"
        assert "\n" not in told, "say it in one line"

    def test_close_may_follow_at_once(self) -> None:
        """A channel that delivered nothing closes without a complaint."""
        self._open(self.settings, dry_run=True).close()

    # ----------------------------------------------------------------------------------------------------------- its parts

    def _entry(self) -> EntryPoint:
        found = [e for e in entry_points(group=ENTRY_POINT_GROUP) if e.name == self.plugin]
        assert found, f"no plugin of the name {self.plugin} is installed: `pip install -e .` in its folder"
        assert len({e.module for e in found}) == 1, f"several plugins have the name {self.plugin}"
        return found[0]

    def _manifest(self) -> dict[str, Any]:
        spec = _spec(self._entry())
        assert spec is not None
        assert spec.origin is not None
        path = Path(spec.origin).parent / MANIFEST_NAME
        assert path.is_file(), f"there is no {MANIFEST_NAME} beside the module: is it in the wheel?"
        return tomllib.loads(path.read_text(encoding="utf-8"))

    def _channel_table(self) -> dict[str, Any]:
        return next(c for c in self._manifest().get("channels", ()) if c.get("word") == self.word)

    def _hooks(self) -> Any:
        import pluggy

        from seqlang.sdk import hooks

        manager = pluggy.PluginManager(hooks.PROJECT)
        manager.add_hookspecs(hooks)
        manager.register(self._entry().load())
        manager.check_pending()
        return manager.hook

    def _open(self, settings: Mapping[str, Any], *, dry_run: bool) -> Channel:
        mailbox = MailboxSettings(self.word, "default", settings)
        channel = self._hooks().open_channel(word=self.word, mailbox=mailbox, dry_run=dry_run)
        assert isinstance(channel, Channel), "open_channel returned no channel: it has `deliver` and `close`"
        return channel

    def _deliver(self, message: Message) -> Outcome:
        channel = self._open(self.settings, dry_run=True)
        try:
            outcome = channel.deliver(message)
        finally:
            channel.close()
        assert isinstance(outcome, OUTCOMES), f"{type(outcome).__name__} is no outcome"
        return outcome


def _spec(entry: EntryPoint) -> Any:
    return find_spec(entry.module)


@contextmanager
def no_network() -> Iterator[None]:
    """Make every attempt to connect fail the test."""
    kept = socket.socket.connect, socket.getaddrinfo

    def refuse(*_args: object, **_named: object) -> Any:
        raise AssertionError("a dry run touched the network")

    socket.socket.connect, socket.getaddrinfo = refuse, refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.connect, socket.getaddrinfo = kept  # type: ignore[method-assign]
