"""The conformance suite: base classes for the tests of a plugin, that ask of any channel what every channel must do.

    class TestChat(ChannelConformance):
        plugin = "chat"                      # the name of the entry point
        word = "chat"
        options = {"text": "Hello"}          # options that the channel accepts
        settings = {}                        # of its mailbox

        def at(self, host, port, setenv):    # how settings (and options) lead to a server
            setenv("CHAT_URL", f"http://{host}:{port}/room")
            return {"url": {"env": "CHAT_URL"}, "timeout_seconds": 1}, {}

        def refusals(self):                  # only where it speaks something else than HTTP: how its other side refuses
            return {"busy": lambda connection: connection.sendall(b"not now")}

pytest collects it like any other class of tests. What touches the network does so on the loopback, with a server of the suite's.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from seqlang.limits import CHANNEL_CALL_SECONDS
from seqlang.sdk.hooks import Channel
from seqlang.sdk.mailbox import MailboxSettings
from seqlang.sdk.messages import Message, Person
from seqlang.sdk.outcomes import Accepted, Outcome, Rejected, Retry, Unavailable, Unclear
from seqlang.sdk.testing_loopback import Listener, Talk, listening, no_network, within
from seqlang.sdk.testing_plugins import PluginConformance, SetEnv
from seqlang.sdk.testing_refusals import HTTP_REFUSALS, http_says, is_http, what_is_wrong
from seqlang.sdk.testing_sources import SourceConformance

__all__ = [
    "ChannelConformance", "Listener", "PluginConformance", "SetEnv", "SourceConformance", "Talk", "http_says", "listening",
    "no_network", "sample_message",
]  # fmt: skip

OUTCOMES = (Accepted, Rejected, Retry, Unavailable, Unclear)
DRY_SECONDS = 10.0  # what touches no network ends at once; this is for slow machines
GRACE_SECONDS = 5.0  # behind a channel's own time limit: to connect, to hang up, to say what became of it
_HANGS = f"opening and closing it took longer than {DRY_SECONDS:g} seconds"
_CHECK = 'import sys; from seqlang.cli.main import main; sys.exit(main(["check", "--format", "json", "--project", sys.argv[1]]))'
_FLOW = """\
classic sequence "Conformance" {{
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  step sample: {word} on day 1 {{ {option}: "x" }}
  exit when finished, replied, unsubscribed
}}
"""


def sample_message(word: str, options: Mapping[str, Any], to: str = "kim@example.com", key: str = "sample.1") -> Message:
    """Return a message as the core makes it."""
    ana = Person("ana@example.com", "Ana", "Li")
    at = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    return Message(key=key, word=word, to=to, options=dict(options), at=at, planned_at=at, flow="Sample", step="hello", owner=ana,
                   sender=ana, message_id=f"<{key}@example.com>", contact={"email": to, "first_name": "Kim"},
                   record={"email": to, "first_name": "Kim"})


class ChannelConformance(PluginConformance):
    """What every channel must do. Subclass it, name the plugin, and pytest runs it."""

    word: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Any]] = {}  # of the sample: what a step would say
    settings: ClassVar[Mapping[str, Any]] = {}  # of its mailbox, where a dry run needs some
    to: ClassVar[str] = "kim@example.com"  # an address as the channel has it
    no_server: ClassVar[str] = ""  # why it cannot be led to a server of the suite's: what needs one is skipped with that reason

    def at(  # for subclasses to override
        self, host: str, port: int, setenv: SetEnv,  # noqa: ARG002
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """Return the settings and further options by which the channel calls a server there, with a time limit of seconds.

        `setenv` sets an environment variable for the test, for secrets. None: it cannot be done, and `no_server` says why.
        """
        return None

    def refusals(self) -> Mapping[str, Talk]:  # for subclasses to override
        """Return how the channel's other side refuses: a name each, and what a server does with the connection.

        As it stands it is what HTTP knows; a channel that speaks something else has its own, with the words of its protocol.
        """
        return HTTP_REFUSALS

    # ------------------------------------------------------------------------------------------------ what it says of itself

    def test_manifest_brings_the_channel(self) -> None:
        """The word stands in the manifest, with all that the core wants to know of it."""
        from seqlang.vocabulary.channels import ChannelSpec
        from seqlang.vocabulary.reading import read_record

        words = [read_record(ChannelSpec, item).word for item in self._manifest().get("channels", ())]
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

    def test_misspelt_option_is_refused_with_a_suggestion(self) -> None:
        """A file that misspells an option is refused by `check`, which names the one that is meant, and runs no plugin code."""
        names = [o["name"] for o in self._channel_table().get("options", ())]
        near = {f"{name}{name[-1]}": name for name in names if f"{name}{name[-1]}" not in names}
        misspelt, meant = next((m, n) for m, n in near.items() if get_close_matches(m, names, 1) == [n])
        with TemporaryDirectory() as folder:
            Path(folder, "seqlang.toml").write_text('name = "conformance"\n', "utf-8")
            Path(folder, "sample.seq").write_text(_FLOW.format(word=self.word, option=misspelt), "utf-8")
            done = subprocess.run([sys.executable, "-c", _CHECK, folder], capture_output=True, text=True, check=False)  # noqa: S603
        found = [d for d in json.loads(done.stdout)["diagnostics"] if d["code"] == "SEQ401"]
        assert found, f"`{misspelt}` is not refused: {done.stdout}{done.stderr}"
        assert meant in json.dumps(found), f"the option `{meant}` is not suggested for `{misspelt}`"

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
            within(DRY_SECONDS, lambda: self._open({}, dry_run=False).close(), _HANGS)
        except ValueError as error:
            told = str(error)
        assert told, "say what is missing"
        assert "\n" not in told, "say it in one line"

    def test_one_message_is_on_its_way_at_first(self) -> None:
        """A channel that has several on their way at a time begins with one."""
        def opened() -> object:
            channel = self._open(self.settings, dry_run=True)
            try:
                return getattr(channel, "in_flight", 1)
            finally:
                channel.close()

        in_flight = within(DRY_SECONDS, opened, _HANGS)
        assert in_flight == 1, f"`in_flight` is {in_flight!r} before anything was delivered"

    def test_close_may_follow_at_once(self) -> None:
        """A channel that delivered nothing closes without a complaint."""
        within(DRY_SECONDS, lambda: self._open(self.settings, dry_run=True).close(), _HANGS)

    # ------------------------------------------------------------------------------------------- with a server on the loopback

    def test_nobody_there_is_an_outcome(self) -> None:
        """A server that is out of reach is no crash, and never an accepted message."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # nobody listens
            outcome = self._called(taken.getsockname()[1])
        assert isinstance(outcome, Retry | Unavailable | Unclear), f"nobody was there, and it is {outcome}"

    def test_silence_ends_in_time(self) -> None:
        """A server that never answers is given up within `timeout_seconds`, as its settings have it; that is no acceptance."""
        with listening(None) as there:
            outcome = self._called(there.port)
        assert there.got, "nobody called the server: does what `at` returns lead there?"
        assert isinstance(outcome, Retry | Unavailable | Unclear), f"nobody answered, and it is {outcome}"

    def test_nonsense_is_an_outcome(self) -> None:
        """A server that answers something else altogether is no crash, and no acceptance."""
        with listening(b"\x00\xff\r\n\r\nwhat?\r\n") as there:
            outcome = self._called(there.port)
        assert not isinstance(outcome, Accepted), f"nonsense was taken for a yes: {outcome}"

    def test_refusals_are_outcomes_and_no_acceptance(self) -> None:
        """Whatever a server says but yes, and where it hangs up, there is an outcome with a reason, and none is `Accepted`."""
        refusals = self.refusals()
        assert refusals, "`refusals` has none: say how the other side says no"
        if refusals is HTTP_REFUSALS:
            with listening(b"HTTP/1.1 400 Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as there:
                self._called(there.port)
            assert there.got, "nobody called the server: does what `at` returns lead there?"
            assert is_http(there.got[0]), "the channel speaks no HTTP: define `refusals`, how its other side says no"
        idempotent = bool(self._channel_table().get("idempotent"))
        wrong = []
        for name, talk in refusals.items():
            with listening(talk) as there:
                outcome = self._called(there.port)
            wrong += [found for found in [what_is_wrong(name, outcome, idempotent=idempotent)] if found]
            assert there.got, f"nobody called the server that says {name}"
        assert not wrong, "; ".join(wrong)

    def test_repeated_key_is_handed_on(self) -> None:
        """What declares itself idempotent hands the message's key to the other side, at every attempt: there it is taken once."""
        import pytest

        if not self._channel_table().get("idempotent"):
            pytest.skip("the channel is not idempotent: the core never sends twice what is unclear")
        with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok") as there:
            self._called(there.port, "repeated.7")
            self._called(there.port, "repeated.7")
            self._called(there.port, "other.8")
        with_key = [b"repeated.7" in got for got in there.got]
        assert with_key == [True, True, False], "the key is not in what was sent: is it in the request, and only that message's?"

    # ----------------------------------------------------------------------------------------------------------- its parts

    def _channel_table(self) -> dict[str, Any]:
        return next(c for c in self._manifest().get("channels", ()) if c.get("word") == self.word)

    def _open(self, settings: Mapping[str, Any], *, dry_run: bool) -> Channel:
        mailbox = MailboxSettings(self.word, "default", settings, allow_private=True)
        channel = self._hooks().open_channel(word=self.word, mailbox=mailbox, dry_run=dry_run)
        assert isinstance(channel, Channel), "open_channel returned no channel: it has `deliver` and `close`"
        return channel

    def _deliver(self, message: Message) -> Outcome:
        """Deliver it in a dry run."""
        late = f"a dry run did not end within {DRY_SECONDS:g} seconds"
        whose = "`settings` of this class are"
        return within(DRY_SECONDS, lambda: self._delivered(message, self.settings, whose, dry_run=True), late)

    def _delivered(self, message: Message, settings: Mapping[str, Any], whose: str, *, dry_run: bool) -> Outcome:
        try:
            channel = self._open(settings, dry_run=dry_run)
        except ValueError as error:
            raise AssertionError(f"it cannot be opened: {error} ({whose} all it has)") from None
        try:
            outcome = channel.deliver(message)
        finally:
            channel.close()
        assert isinstance(outcome, OUTCOMES), f"{type(outcome).__name__} is no outcome"
        return outcome

    def _called(self, port: int, key: str = "sample.1") -> Outcome:
        """Deliver the sample to that port of the loopback, for real, and wait no longer than the channel's time limit allows."""
        import pytest

        kept = dict(os.environ)
        try:
            where = self.at("127.0.0.1", port, os.environ.__setitem__)
            if where is None and self.no_server:
                pytest.skip(self.no_server)
            assert where is not None, "define `at`, which leads the channel to a server; or say in `no_server` why nothing can"
            settings, options = where
            if any(s["name"] == "timeout_seconds" for s in self._channel_table().get("settings", ())):
                settings = {"timeout_seconds": 1, **settings}
            told = settings.get("timeout_seconds")
            seconds = CHANNEL_CALL_SECONDS if told is None else min(float(told) + GRACE_SECONDS, CHANNEL_CALL_SECONDS)
            because = "longer than the core waits" if told is None else f"though `timeout_seconds` is {told}"
            message = sample_message(self.word, {**self.options, **options}, self.to, key)
            message = replace(message, at=datetime(2026, 3, 2, 12, tzinfo=UTC))
            return within(seconds, lambda: self._delivered(message, settings, "what `at` returns is", dry_run=False),
                          f"`deliver` did not come back within {seconds:g} seconds, {because}")  # fmt: skip
        finally:
            os.environ.clear()
            os.environ.update(kept)
