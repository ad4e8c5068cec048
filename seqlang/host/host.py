"""The host of plugins: which there are, what they bring, what is wrong with them, and the way to their channels."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqlang.errors import NotFoundError, PluginError
from seqlang.host.entries import Entry
from seqlang.host.entries import find as find_entries
from seqlang.host.manifest import Manifest, ManifestError, Manifests, find, folders_of
from seqlang.host.records import PluginInfo, Problem
from seqlang.host.timed import call_timed, failure, is_of_plugin
from seqlang.limits import CHANNEL_CALL_SECONDS, CHANNEL_OPEN_SECONDS, LINT_SECONDS, PLUGIN_IMPORT_SECONDS
from seqlang.sdk.version import ENTRY_POINT_GROUP, SDK_VERSION
from seqlang.vocabulary.channels import ChannelSpec
from seqlang.vocabulary.policies import PolicySpec, Words
from seqlang.vocabulary.settings import ProjectSettings

if TYPE_CHECKING:
    from pathlib import Path

    import pluggy

    from seqlang.sdk.hooks import Channel, Inbox, Source
    from seqlang.sdk.linting import LintFinding, LintProject
    from seqlang.sdk.mailbox import MailboxSettings
    from seqlang.sdk.messages import Message
    from seqlang.sdk.outcomes import Outcome
    from seqlang.sdk.sources import SourceSettings


class _Plugin:
    """One installed plugin while it is being looked at."""

    __slots__ = ("entry", "hooks", "manifest", "module", "name", "problem")

    def __init__(self, entry: Entry) -> None:
        self.name = entry.name
        self.module = entry.module
        self.entry = entry
        self.manifest: Manifest | None = None
        self.problem: str | None = None
        self.hooks: pluggy.PluginManager | None = None  # loaded when first needed

    def info(self) -> PluginInfo:
        from seqlang.host.lacking import lacking  # `check` shows no plugin

        found = self.manifest or Manifest(SDK_VERSION, "", (), ())
        name, version = self.entry.distribution
        return PluginInfo(
            self.name, self.module, name, version, found.help, found.channels, found.policies, self.problem, found.sources,
            found.rules, found.functions, lacking(found, self.hooks) if self.hooks is not None else (),
        )  # fmt: skip

    @property
    def ours(self) -> bool:
        """Whether it came with seqlang itself; asked only where two plugins clash, for reading it costs milliseconds."""
        return self.entry.distribution[0] == "seqlang"


class Host:
    """The plugins of one project. Made by `load`."""

    def __init__(self, plugins: Sequence[_Plugin], problems: Iterable[Problem] = ()) -> None:
        self._plugins = tuple(plugins)
        self._further = list(problems)
        sound = [(p, p.manifest) for p in self._plugins if p.problem is None and p.manifest]
        self._by_source = {s.word: p for p, found in sound for s in found.sources}
        self._by_word = {c.word: p for p in self._plugins if p.problem is None and p.manifest for c in p.manifest.channels}

    @property
    def words(self) -> Words:
        """All channel words and plans that sound plugins bring."""
        found = [p.manifest for p in self._plugins if p.problem is None and p.manifest]
        return Words(
            channels=tuple(c for m in found for c in m.channels), policies=tuple(s for m in found for s in m.policies),
            sources=tuple(s for m in found for s in m.sources), rules=tuple(r for m in found for r in m.rules),
            functions=tuple(f for m in found for f in m.functions),
            left_out=tuple(dict.fromkeys(problem.plugin for problem in self.problems)),
        )  # fmt: skip

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left out, and why; by the plugins' names."""
        broken = [Problem(p.name, p.problem) for p in self._plugins if p.problem is not None]
        return tuple(sorted([*broken, *self._further], key=lambda problem: problem.plugin))

    def plugins(self) -> tuple[PluginInfo, ...]:
        """Return all installed plugins that the project uses, broken ones too, by name."""
        return tuple(p.info() for p in self._plugins)

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the plugins' code: what they bring changes with what is in there."""
        return tuple(str(folder) for plugin in self._plugins for folder in _folders(plugin.module))

    def verify(self) -> tuple[Problem, ...]:
        """Load the code of all plugins, so that broken ones are known before the first message; return all problems."""
        from seqlang.host.aside import printing_aside

        for plugin in self._plugins:
            if plugin.problem is None:
                with printing_aside(), contextlib.suppress(PluginError):  # noted in `problems`
                    self._hooks(plugin)
        return self.problems

    def open(self, word: str, mailbox: MailboxSettings, *, dry_run: bool = False) -> Channel:
        """Open the channel of that word. NotFoundError: no plugin has the word. PluginError: it is broken or refuses."""
        plugin = self._by_word.get(word)
        if plugin is None:
            raise NotFoundError(f"no plugin brings the channel `{word}`")
        hooks = self._hooks(plugin)
        try:
            channel = call_timed(lambda: hooks.hook.open_channel(word=word, mailbox=mailbox, dry_run=dry_run),
                                 CHANNEL_OPEN_SECONDS)
        except ValueError as error:  # the plugin's own words on settings that cannot work
            raise PluginError(str(error)) from error
        except TimeoutError:
            raise PluginError(f"the plugin `{plugin.name}` did not open the channel `{word}` in time") from None
        except Exception as error:
            raise PluginError(f"the plugin `{plugin.name}` failed: {failure(error)}") from error
        if channel is None:
            raise PluginError(f"the plugin `{plugin.name}` does not open the channel `{word}`")
        return channel  # type: ignore[no-any-return]

    def open_inbox(self, word: str, mailbox: MailboxSettings) -> Inbox | None:
        """Open what comes back to that mailbox; None: nothing does. PluginError: the plugin is broken or refuses."""
        plugin = self._by_word.get(word)
        if plugin is None:
            return None
        hooks = self._hooks(plugin)
        found: Inbox | None = _asked(plugin, lambda: hooks.hook.open_inbox(word=word, mailbox=mailbox), CHANNEL_OPEN_SECONDS)
        return found

    def open_source(self, kind: str, settings: SourceSettings) -> Source:
        """Open a source of records. NotFoundError: no plugin has that kind. PluginError: the plugin is broken or refuses."""
        plugin = self._by_source.get(kind)
        if plugin is None:
            raise NotFoundError(f"no plugin brings the source `{kind}`")
        hooks = self._hooks(plugin)
        found: Source | None = _asked(plugin, lambda: hooks.hook.open_source(kind=kind, settings=settings), CHANNEL_OPEN_SECONDS)
        if found is None:
            raise PluginError(f"the plugin `{plugin.name}` does not open the source `{kind}`")
        return found

    def read_call(self, name: str, provider: str, secret: str, headers: Mapping[str, str], body: bytes) -> list[Any] | None:
        """Let a plugin read a provider's call; None: it is not genuine. PluginError: it says nothing, or the plugin fails."""
        plugin = next((p for p in self._plugins if p.name == name), None)
        if plugin is None:
            raise PluginError(f"no plugin of the name `{name}` is installed")
        hooks = self._hooks(plugin)

        def read() -> list[Any] | None:
            try:
                found = hooks.hook.read_call(provider=provider, secret=secret, headers=headers, body=body)
            except PermissionError:
                return None
            if found is None:
                raise ValueError(f"the plugin `{name}` reads no calls")
            return list(found)

        called: list[Any] | None = _asked(plugin, read, CHANNEL_OPEN_SECONDS)
        return called

    def lint(self, project: LintProject) -> tuple[tuple[LintFinding, ...], tuple[Problem, ...]]:
        """Ask all plugins that have rules what they find; one that raises, hangs or tells of others' codes is named."""
        from seqlang.host.aside import printing_aside  # few projects have rules of plugins

        findings: list[LintFinding] = []
        problems: list[Problem] = []
        for plugin in self._plugins:
            codes = {rule.code for rule in plugin.manifest.rules} if plugin.problem is None and plugin.manifest else set()
            if not codes:
                continue
            try:
                with printing_aside():
                    told = self._told(plugin, project)
            except PluginError as error:
                problems.append(Problem(plugin.name, error.message))
                continue
            foreign = next((f for f in told if getattr(f, "code", None) not in codes), None)
            if foreign is not None:
                strange = getattr(foreign, "code", type(foreign).__name__)
                problems.append(Problem(plugin.name, f"it tells of `{strange}`, which is no rule in its manifest"))
            findings += [f for f in told if getattr(f, "code", None) in codes]
        return tuple(findings), tuple(problems)

    def _told(self, plugin: _Plugin, project: LintProject) -> list[LintFinding]:
        hooks = self._hooks(plugin)
        found: list[LintFinding] = _asked(
            plugin, lambda: [f for each in hooks.hook.lint(project=project) for f in each], LINT_SECONDS
        )
        return found

    def deliver(self, word: str, message: Message, mailbox: MailboxSettings, *, dry_run: bool = False) -> Outcome:
        """Open the channel, deliver one message and close it again; never longer than the time limit."""
        channel = self.open(word, mailbox, dry_run=dry_run)
        try:
            return checked(call_timed(lambda: channel.deliver(message), CHANNEL_CALL_SECONDS))
        except TimeoutError:
            from seqlang.sdk.outcomes import Unclear

            return Unclear(f"the channel `{word}` did not answer within {CHANNEL_CALL_SECONDS} seconds")
        except Exception as error:  # noqa: BLE001  a plugin may raise anything, and it must not stop the others
            from seqlang.sdk.outcomes import Unclear

            return Unclear(f"the channel `{word}` failed: {failure(error)}")
        finally:
            close_quietly(channel)

    def _hooks(self, plugin: _Plugin) -> pluggy.PluginManager:
        if plugin.hooks is None:
            from seqlang.host.code import load_hooks

            if plugin.problem is not None:
                raise PluginError(f"the plugin `{plugin.name}` is left out: {plugin.problem}")
            try:
                plugin.hooks = load_hooks(plugin.name, plugin.module)
            except PluginError as error:
                plugin.problem = error.message
                raise PluginError(f"the plugin `{plugin.name}` is left out: {error.message}") from error
        return plugin.hooks


def _asked(plugin: _Plugin, ask: Callable[[], Any], seconds: float) -> Any:
    """Return what a hook answers; PluginError, in a sentence, where it raises or hangs."""
    try:
        return call_timed(ask, seconds)
    except ValueError as error:  # the plugin's own words on settings that cannot work
        raise PluginError(str(error)) from error
    except TimeoutError:
        raise PluginError(f"the plugin `{plugin.name}` did not answer within {seconds:g} seconds") from None
    except Exception as error:
        raise PluginError(f"the plugin `{plugin.name}` failed: {failure(error)}") from error


def close_quietly(channel: Channel | Inbox | Source) -> None:
    """Close a channel, an inbox or a source whose work is done; what it raises changes nothing any more."""
    try:
        channel.close()
    except BaseException as error:
        if not is_of_plugin(error):
            raise


def checked(outcome: object) -> Outcome:
    """Return what a channel said, or Unclear where it said nothing that is known."""
    from seqlang.sdk.outcomes import Outcome, Unclear

    if isinstance(outcome, Outcome):
        return outcome
    return Unclear(f"the channel answered `{type(outcome).__name__}`, which is no outcome")


def load(settings: ProjectSettings | None = None) -> Host:
    """Find the plugins that are installed (and, with settings, wanted) and read what they bring.

    A plugin with a manifest runs no code here. One that cannot be used is named in `Host.problems` and left out.
    """
    found = find_entries(ENTRY_POINT_GROUP)
    plugins: list[_Plugin] = []
    manifests = Manifests()
    problems: list[Problem] = []
    for entry in found:
        if not _wanted(entry.name, settings):
            continue
        if any(p.name == entry.name for p in plugins):
            if all(p.module != entry.module for p in plugins if p.name == entry.name):
                problems.append(Problem(entry.name, f"a second plugin has this name: `{entry.module}`"))
            continue
        plugins.append(_look_at(entry, manifests))
    if settings is not None and settings.plugins is not None:
        have = {entry.name for entry in found}
        missing = [name for name in settings.plugins if name not in have]
        problems += [Problem(name, f"no plugin of the name `{name}` is installed") for name in missing]
    manifests.keep()
    _refuse_taken(plugins)
    return Host(plugins, problems)


def _folders(module: str) -> list[Path]:
    try:
        return folders_of(module)
    except ManifestError:
        return []


def _wanted(name: str, settings: ProjectSettings | None) -> bool:
    if settings is None or settings.plugins is None:
        return True
    # The plan that the project names is wanted too, whether or not its plugin stands in the list.
    return name in settings.plugins or (settings.plan is not None and settings.plan.partition(".")[0] == name)


def _look_at(entry: Entry, manifests: Manifests) -> _Plugin:
    plugin = _Plugin(entry)
    try:
        path = find(entry.module)
        if path is not None:
            plugin.manifest = manifests.read(path)
        else:
            from seqlang.host.aside import printing_aside  # plugins without a manifest are rare, too

            with printing_aside():
                plugin.manifest = _ask(plugin)
    except (ManifestError, PluginError) as error:
        plugin.problem = str(error)
    return plugin


def _ask(plugin: _Plugin) -> Manifest:
    """Ask the code of a plugin that has no manifest."""
    from seqlang.host.code import load_hooks
    from seqlang.vocabulary.reading import read_record

    plugin.hooks = load_hooks(plugin.name, plugin.module)
    hook = plugin.hooks.hook
    try:
        channels = call_timed(lambda: tuple(item for items in hook.channels() for item in items), PLUGIN_IMPORT_SECONDS)
        policies = call_timed(lambda: tuple(item for items in hook.policies() for item in items), PLUGIN_IMPORT_SECONDS)
    except TimeoutError:
        raise PluginError(f"it did not say within {PLUGIN_IMPORT_SECONDS} seconds what it brings") from None
    except Exception as error:
        raise PluginError(f"it does not say what it brings: {failure(error)}") from error
    wrong: list[Any] = [c for c in channels if not isinstance(c, ChannelSpec)]
    wrong += [p for p in policies if not isinstance(p, PolicySpec)]
    if wrong:
        raise PluginError(f"it brings a `{type(wrong[0]).__name__}` where a `ChannelSpec` or `PolicySpec` belongs")
    try:
        channels = tuple(read_record(ChannelSpec, c.model_dump()) for c in channels)
        policies = tuple(read_record(PolicySpec, p.model_dump()) for p in policies)
    except ValueError as error:
        raise PluginError(f"what it brings is not right: {error}") from None
    return Manifest(SDK_VERSION, "", channels, policies)


def _refuse_taken(plugins: Sequence[_Plugin]) -> None:
    """Leave out a plugin that claims a word or plan that another one has: the first by name keeps it."""
    taken: dict[tuple[str, str], str] = {}
    claims = [claim for plugin in plugins for claim in _claims(plugin)]
    if len(set(claims)) == len(claims):
        return
    # Ours go first: an installed plugin must not take a word away from everybody by its name.
    for plugin in sorted(plugins, key=lambda p: (not p.ours, p.name)):
        if plugin.problem is not None or plugin.manifest is None:
            continue
        claims = _claims(plugin)
        clash = next((claim for claim in claims if claim in taken or claims.count(claim) > 1), None)
        if clash is not None:
            plugin.problem = f"its {clash[0]} `{clash[1]}` is already that of the plugin `{taken.get(clash, plugin.name)}`"
            continue
        taken.update(dict.fromkeys(claims, plugin.name))


def _claims(plugin: _Plugin) -> list[tuple[str, str]]:
    if plugin.problem is not None or plugin.manifest is None:
        return []
    found = plugin.manifest
    return [
        *(("channel", c.word) for c in found.channels), *(("plan", p.name) for p in found.policies),
        *(("source", s.word) for s in found.sources), *(("rule", r.code) for r in found.rules),
        *(("condition", f.name) for f in found.functions),
    ]  # fmt: skip
