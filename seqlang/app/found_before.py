"""What a check found the last time, for a project in which nothing has changed since.

A file's mistakes depend on the names of all others, on the templates, on the settings, on what plugins bring and on this
program; all of that is in the key. What is kept is one answer for each project: checking anything else anew is right, and quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from seqlang import kept
from seqlang.app.project import Files, read_source, read_templates, source_paths
from seqlang.app.workspace import SETTINGS_FILE
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix, Related
from seqlang.diagnostics.source import Source, Span
from seqlang.errors import SeqlangError
from seqlang.frozen import Record

FORMAT = "1"  # of what is kept
_KINDS: dict[str, type[Record]] = {kind.__name__: kind for kind in (Diagnostic, Edit, Fix, Related, Source, Span)}


class Found(Record):
    """All that a check of a whole project found."""

    texts: dict[str, str]  # of its `.seq` files, by path, in file order
    diagnostics: tuple[Diagnostic, ...]  # in file order
    problems: tuple[str, ...]  # broken plugins, a sentence each


class Inputs:
    """What a project's mistakes depend on, as it is now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts: dict[str, str] = {path: read_source(folder, path).text for path in source_paths(folder)}
        templates, unreadable = read_templates(folder)
        settings = folder / SETTINGS_FILE
        self._told = {f"templates/{name}": text for name, text in templates.items()}
        self._told[SETTINGS_FILE] = settings.read_text(encoding="utf-8-sig") if settings.is_file() else ""
        parts = [part for texts in (self.texts, self._told) for item in texts.items() for part in item]
        self._name = f"check-{kept.digest_of(str(folder))[:24]}.found"
        self._key = kept.digest_of(FORMAT, *_program(), repr(sorted(unreadable.items())), str(settings.is_file()), *parts)

    def found(self) -> Found | None:
        """Return what was found for these inputs; None where nothing is kept for them."""
        data = kept.read(self._name, self._key)
        if data is None:
            return None
        beside, states, diagnostics, problems = data
        files = Files(self.folder)
        if any(_content(files, name) != digest for name, digest in beside):
            return None
        if any(kept.state_of(place) != state for place, state in states):
            return None
        known = {path: Source(path, text) for path, text in (*self.texts.items(), *self._told.items())}
        made = kept.unpack(_with_texts(diagnostics, known), _KINDS)
        return Found(self.texts, made, problems)

    def keep(self, found: Found, files: Files, plugins: tuple[str, ...]) -> None:
        """Keep what was found; `files` are those that were looked up beside, `plugins` the folders of the plugins' code."""
        if files.listed or found.texts != self.texts:
            return  # what is suggested for a file that is not there depends on all files; a file changed meanwhile
        if found.problems:
            return  # a plugin that did not answer in time may do so the next time
        places = {d.source.path for d in found.diagnostics} | {r.source.path for d in found.diagnostics for r in d.related}
        if not places <= {*self.texts, *self._told}:
            return
        beside = tuple((name, _content(files, name)) for name in sorted(files.asked))
        states = tuple((place, kept.state_of(place)) for place in plugins)
        kept.keep(self._name, self._key, (beside, states, _without_texts(kept.pack(found.diagnostics)), found.problems))


def look(folder: Path, check: Callable[[], tuple[Found, Files, tuple[str, ...]]], *, fresh: bool) -> Found:
    """Return what was found before in a project that has not changed, else what `check` finds, which is kept."""
    if fresh or kept.cache_folder() is None:
        return check()[0]
    try:
        inputs = Inputs(folder)
        before = inputs.found()
    except (SeqlangError, OSError, ValueError, KeyError, TypeError):  # a check words it
        return check()[0]
    if before is not None:
        return before
    found, files, plugins = check()
    inputs.keep(found, files, plugins)
    return found


def _content(files: Files, name: str) -> str:
    return kept.digest_of(files[name]) if name in files else ""


def _without_texts(data: object) -> object:
    """Take the sources' texts out of packed diagnostics: they stand in the files."""
    if not isinstance(data, tuple):
        return data
    if len(data) == 2 and data[0] == "\0Source":
        return ("\0Source", data[1][0][1])
    return tuple(_without_texts(item) for item in data)


def _with_texts(data: object, known: dict[str, Source]) -> object:
    if not isinstance(data, tuple):
        return data
    if len(data) == 2 and data[0] == "\0Source":
        return known[data[1]]
    return tuple(_with_texts(item, known) for item in data)


def _program() -> Iterator[str]:
    """Give what tells one state of this program, and of what is installed beside it, from another."""
    yield sys.version
    # A folder's time changes with what is installed in it.
    yield from (f"{os.path.abspath(place)} {kept.time_of(place)}" for place in sys.path)
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield from (kept.state_of(os.path.join(home, name)) for name in sorted(os.listdir(home)) if name[:1] not in "._")
    yield kept.state_of(os.path.join(os.path.dirname(home), "grammar"))
