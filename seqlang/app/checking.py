"""`check`: every mistake of every file, and the safe fixes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqlang.app.found_before import Found, look
from seqlang.app.workspace import SETTINGS_FILE, find_folder, nearest_project
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix
from seqlang.diagnostics.faces import Report
from seqlang.diagnostics.source import Source
from seqlang.errors import UsageError
from seqlang.frozen import Record, replace

if TYPE_CHECKING:
    from seqlang.app.project import Files

ROUNDS_OF_FIXES_MAX = 20
NESTED_DEPTH_MAX = 4


class Target(Record):
    """One project to look at, and which of its files were asked for."""

    folder: Path
    paths: tuple[Path, ...]  # absolute; none: everything


class Checking(Record):
    """What a check of one project found."""

    folder: Path
    files: tuple[str, ...]  # relative to the folder
    diagnostics: tuple[Diagnostic, ...]  # in file order
    problems: tuple[str, ...]  # broken plugins
    sources: dict[str, str]  # path -> text, of the files that were asked for


def targets(paths: Sequence[str], project: str | None = None) -> list[Target]:
    """Return the projects that the paths belong to, in the order of the paths; UsageError for a path that is not there."""
    if not paths:
        return [Target(find_folder(project), ())]
    grouped: dict[Path, list[Path]] = {}
    for path in paths:
        place = Path(path).expanduser()
        if not place.exists():
            raise UsageError(f"there is no file or folder `{path}`")
        place = place.resolve()
        for folder in _folders_of(place, project):
            grouped.setdefault(folder, []).append(place)
    return [Target(folder, tuple(places)) for folder, places in grouped.items()]


def check_target(target: Target, *, fresh: bool = False) -> Checking:
    """Check one project; the result has the files that were asked for, the whole project is looked at all the same.

    Where nothing has changed since the last check, its result is taken, unless `fresh` says not to.
    """
    found = look(target.folder, lambda: _check(target.folder), fresh=fresh)
    files = tuple(path for path in found.texts if _asked(target, path))
    wanted = {*files, *((SETTINGS_FILE,) if not target.paths or _asked(target, SETTINGS_FILE) else ())}
    others = {d.source.path for d in found.diagnostics} - set(found.texts) - {SETTINGS_FILE}
    wanted |= {path for path in others if _asked(target, path)}
    diagnostics = tuple(d for d in found.diagnostics if d.source.path in wanted)
    sources = {path: text for path, text in found.texts.items() if path in wanted}
    return Checking(target.folder, files, diagnostics, found.problems, sources)


def _check(folder: Path) -> tuple[Found, Files, tuple[str, ...]]:
    """Check a project; return what was found, the files that were looked up for it and the folders of plugins."""
    from seqlang.app.project import load_project
    from seqlang.app.workspace import open_workspace
    from seqlang.semantics.check import check_project  # the compiler has nothing to add: mistakes are found before it

    loaded = load_project(open_workspace(str(folder)))
    checked = check_project(loaded.text)
    texts = {module.source.path: module.source.text for module in loaded.text.modules}
    return Found(texts, checked.diagnostics, loaded.problems), loaded.files, loaded.plugins


def report_of(found: Sequence[tuple[Checking, str]]) -> Report:
    """Return one report of some projects; the text beside each is what stands before its paths ("" or "flows/")."""
    files = tuple(prefix + path for checking, prefix in found for path in checking.files)
    diagnostics = tuple(_moved(d, prefix) for checking, prefix in found for d in checking.diagnostics)
    return Report(files, diagnostics)


def _moved(d: Diagnostic, prefix: str) -> Diagnostic:
    if not prefix:
        return d
    related = tuple(replace(r, source=Source(prefix + r.source.path, r.source.text)) for r in d.related)
    return replace(d, source=Source(prefix + d.source.path, d.source.text), related=related)


def strict(report: Report) -> Report:
    """Return the report with each warning as an error."""
    return replace(report, diagnostics=tuple(replace(d, severity="error") for d in report.diagnostics))


def fix_target(target: Target, *, unsafe: bool = False) -> tuple[Checking, int]:
    """Apply the safe fixes to the files (`unsafe`: all), until none is left; return what remains and how many were applied."""
    applied = 0
    for _ in range(ROUNDS_OF_FIXES_MAX):
        checking = check_target(target)
        done = 0
        for path, text in checking.sources.items():
            mended, count = apply_fixes(text, [d for d in checking.diagnostics if d.source.path == path], unsafe=unsafe)
            if count:
                write_text(target.folder / path, mended)
                done += count
        if not done:
            return checking, applied
        applied += done
    return check_target(target), applied


def apply_fixes(text: str, diagnostics: Sequence[Diagnostic], *, unsafe: bool = False) -> tuple[str, int]:
    """Return the text with the safe fixes (`unsafe`: all) that do not overlap, and how many those are.

    Of several that put something in at one place the last goes first: what was opened last is closed first.
    """
    chosen: list[Edit] = []
    count = 0
    fixes = [d.fix for d in diagnostics if d.fix is not None and (d.fix.safe or unsafe)]
    for fix in [*(f for f in fixes if not _only_adds(f)), *(f for f in reversed(fixes) if _only_adds(f))]:
        if any(_overlap(e, o) for e in fix.edits for o in chosen):
            continue
        chosen.extend(fix.edits)
        count += 1
    mended = text
    for edit in sorted(chosen, key=lambda e: e.span.start, reverse=True):
        mended = mended[: edit.span.start] + edit.text + mended[edit.span.end :]
    return mended, count if mended != text else 0  # one that puts in what another leaves out is none


def _only_adds(fix: Fix) -> bool:
    return all(e.span.start == e.span.end for e in fix.edits)


def _overlap(one: Edit, other: Edit) -> bool:
    return one.span == other.span or (one.span.start < other.span.end and other.span.start < one.span.end)


def write_text(place: Path, text: str) -> None:
    """Write a file as a whole or not at all: beside it, then over it; line ends of a CRLF file stay."""
    crlf = b"\r\n" in place.read_bytes()[:4096] if place.exists() else False
    beside = place.with_name(f".{place.name}.seqlang-new")
    beside.write_bytes((text.replace("\n", "\r\n") if crlf else text).encode())
    if place.exists():
        beside.chmod(place.stat().st_mode & 0o7777)
    beside.replace(place)


def watched_state(items: Sequence[Target]) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a file of these projects changes."""
    found = []
    for target in items:
        for here, folders, files in os.walk(target.folder):
            folders[:] = [f for f in folders if not f.startswith(".")]
            for name in files:
                place = Path(here) / name
                if place.suffix == ".seq" or name == SETTINGS_FILE or "templates" in place.parts:
                    try:
                        known = place.stat()
                    except OSError:
                        continue
                    found.append((str(place), known.st_mtime_ns, known.st_size))
    return tuple(sorted(found))


def _asked(target: Target, path: str) -> bool:
    if not target.paths:
        return True
    place = target.folder / path
    return any(place == p or place.is_relative_to(p) for p in target.paths)


def _folders_of(place: Path, project: str | None) -> list[Path]:
    """Return the projects of a path: the named one, the nearest upwards, those below it, else where we are."""
    if project is not None:
        return [find_folder(project)]
    folder = place if place.is_dir() else place.parent
    above = nearest_project(folder)
    if above is not None:
        return [above]
    if place.is_dir():
        below = sorted(
            p.parent
            for depth in range(1, NESTED_DEPTH_MAX)
            for p in place.glob("*/" * depth + SETTINGS_FILE)
            if not any(part.startswith(".") for part in p.relative_to(place).parts)
        )
        if below:
            return below
    here = Path.cwd().resolve()
    return [here if folder.is_relative_to(here) else folder]
