"""Reads what a plugin brings from the manifest in its package, without running any of its code."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any, TypeVar

from seqlang import kept
from seqlang.frozen import Frozen, Record
from seqlang.limits import MANIFEST_BYTES_MAX
from seqlang.sdk.version import MANIFEST_NAME, SDK_VERSION, fits
from seqlang.vocabulary import channels, plugging, policies
from seqlang.vocabulary.channels import ChannelSpec, OptionSpec, SettingSpec
from seqlang.vocabulary.plugging import FunctionSpec, RuleSpec, SourceSpec
from seqlang.vocabulary.policies import PolicyLimit, PolicySpec

KEYS = frozenset({"sdk", "help", "channels", "policies", "sources", "rules", "functions"})


R = TypeVar("R", bound=Frozen)
_RULE_CODE = re.compile(r"[A-Z]{2,12}[0-9]{1,5}")


class ManifestError(Exception):
    """A manifest cannot be used; the message is a reason for people."""


class Manifest(Record):
    """What a plugin brings."""

    sdk: str
    help: str
    channels: tuple[ChannelSpec, ...]
    policies: tuple[PolicySpec, ...]
    sources: tuple[SourceSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    functions: tuple[FunctionSpec, ...] = ()


def find(module: str) -> Path | None:
    """Return the manifest's path beside the module, or None where there is none; ManifestError where the module is missing."""
    return next((folder / MANIFEST_NAME for folder in folders_of(module) if (folder / MANIFEST_NAME).is_file()), None)


def folders_of(module: str) -> list[Path]:
    """Return the folders that a module lies in, without importing it; ManifestError where it is missing."""
    locations: list[str] | None = None  # None: the whole path
    spec = None
    for part in _prefixes(module):
        # Below the top not importlib.util.find_spec: that would import the parent packages.
        spec = _top(part) if locations is None else PathFinder.find_spec(part, locations)
        if spec is None:
            raise ManifestError(f"its module `{module}` is not there")
        locations = list(spec.submodule_search_locations or ())
    folders = [Path(folder) for folder in locations or ()]
    if not folders and spec is not None and spec.origin:
        folders = [Path(spec.origin).parent]
    return folders


def _top(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):  # ValueError: somebody put a module without a spec there
        return None


def _prefixes(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def read(path: Path) -> Manifest:
    """Read and check one manifest; ManifestError with one reason where it cannot be used."""
    import tomllib  # where it was read before, nobody needs it

    try:
        if path.stat().st_size > MANIFEST_BYTES_MAX:
            raise ManifestError(f"its `{MANIFEST_NAME}` is longer than {MANIFEST_BYTES_MAX} bytes")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"its `{MANIFEST_NAME}` cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"its `{MANIFEST_NAME}` is not TOML: {error}") from None
    return check(table)


def check(table: dict[str, Any]) -> Manifest:
    """Check the version first, then the rest: a manifest of a later version may have keys that this one does not know."""
    check_version(table.get("sdk"))
    unknown = sorted(set(table) - KEYS)
    if unknown:
        raise ManifestError(f"its `{MANIFEST_NAME}` has an unknown key `{unknown[0]}`")
    try:
        found = Manifest(
            str(table["sdk"]), str(table.get("help", "")), _records(ChannelSpec, table, "channels"),
            _records(PolicySpec, table, "policies"), _records(SourceSpec, table, "sources"), _records(RuleSpec, table, "rules"),
            _records(FunctionSpec, table, "functions"),
        )  # fmt: skip
    except ValueError as error:
        raise ManifestError(f"its `{MANIFEST_NAME}` is not right: {error}") from None
    ours = next((rule.code for rule in found.rules if not _RULE_CODE.fullmatch(rule.code) or rule.code.startswith("SEQ")), None)
    if ours is not None:
        raise ManifestError(f"its rule `{ours}` needs a code of its own: capital letters (not SEQ), then digits")
    _check_settings(found)
    return found


def _check_settings(found: Manifest) -> None:
    """Raise ManifestError where a setting's pattern is none, or a key is named that is not there."""
    owners: tuple[ChannelSpec | SourceSpec, ...] = (*found.channels, *found.sources)
    for owner in owners:
        names = {setting.name for setting in owner.settings}
        named = [name for setting in owner.settings for name in (*setting.needs, *setting.excludes)]
        named += [name for group in owner.settings_one_of for name in group] if isinstance(owner, ChannelSpec) else []
        strange = next((name for name in named if name not in names), None)
        if strange is not None:
            raise ManifestError(f"its `{owner.word}` names a setting `{strange}`, which it does not have")
        for setting in owner.settings:
            try:
                re.compile(setting.pattern or "")
            except re.error as error:
                raise ManifestError(f"the pattern of its setting `{setting.name}` is no regular expression: {error}") from None


def _records(kind: type[R], table: dict[str, Any], key: str) -> tuple[R, ...]:
    from seqlang.vocabulary.reading import read_record

    items = table.get(key, ())
    if not isinstance(items, list | tuple):
        raise ValueError(f"`{key}` must be a list of tables: `[[{key}]]`")  # noqa: TRY004  # data from outside, not a wrong call
    return tuple(read_record(kind, item, f"{key}.{n}") for n, item in enumerate(items))


def check_version(wanted: object) -> None:
    """Raise ManifestError unless a plugin written for the version `wanted` works here."""
    try:
        fitting = isinstance(wanted, str) and fits(wanted)
    except ValueError:
        fitting = False
    if not fitting:
        said = f"the plugin interface `{wanted}`" if wanted is not None else "no plugin interface (`sdk`)"
        raise ManifestError(f"it was written for {said}, and this is `{SDK_VERSION}`")


_KEPT_NAME = "manifests.table"
_KINDS: dict[str, type[Record]] = {
    kind.__name__: kind
    for kind in (Manifest, ChannelSpec, OptionSpec, SettingSpec, PolicySpec, PolicyLimit, SourceSpec, RuleSpec, FunctionSpec)
}


class Manifests:
    """Manifests that were read and found right before: their records as plain data, in the user's cache folder."""

    def __init__(self) -> None:
        # What a manifest may say depends on these modules; of the manifest itself, its place, time and size are compared.
        sources = (channels, plugging, policies, kept)
        self._key = kept.digest_of(SDK_VERSION, *(kept.state_of(module.__file__ or "") for module in sources))
        found = kept.read(_KEPT_NAME, self._key)
        self._known: dict[str, tuple[str, Any]] = found if isinstance(found, dict) else {}
        self._grown = False

    def read(self, path: Path) -> Manifest:
        """Return a manifest; ManifestError as above."""
        place = str(path)
        state = kept.state_of(place)
        known = self._known.get(place)
        if known is not None and known[0] == state:
            with contextlib.suppress(TypeError, KeyError):
                found = kept.unpack(known[1], _KINDS)
                if isinstance(found, Manifest):
                    return found
        found = read(path)
        self._known[place] = (state, kept.pack(found))
        self._grown = True
        return found

    def keep(self) -> None:
        """Keep what is new."""
        if self._grown:
            kept.keep(_KEPT_NAME, self._key, {place: one for place, one in self._known.items() if os.path.exists(place)})
