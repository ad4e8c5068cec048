"""A project as it lies on disk: every `.seq` file, the templates and the files that steps may attach."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqlang.app.workspace import SETTINGS_FILE, Workspace
from seqlang.diagnostics.source import Source
from seqlang.errors import ProjectError
from seqlang.frozen import Record, replace
from seqlang.limits import SOURCE_BYTES_MAX, TEMPLATE_BYTES_MAX

if TYPE_CHECKING:
    from seqlang.compiler import Checked
    from seqlang.semantics.project import ModuleText, ProjectText

SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist"})
TEMPLATES = "templates"
ATTACHED_BYTES_MAX = 25 * 1024 * 1024


class Loaded(Record):
    """A project's texts, and what could not be read at all."""

    workspace: Workspace
    text: ProjectText
    problems: tuple[str, ...]  # one sentence each: broken plugins, to be shown as warnings
    files: Files  # those that may be attached
    plugins: tuple[str, ...]  # folders of the plugins' code


class Files(Mapping[str, bytes]):
    """The files of a folder, read when they are asked for; none outside of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.asked: set[str] = set()  # names that somebody looked up
        self.listed = False  # somebody looked at which there are

    def __getitem__(self, key: str) -> bytes:
        self.asked.add(key)
        place = (self.folder / key).resolve()
        if not place.is_relative_to(self.folder) or not place.is_file() or place.stat().st_size > ATTACHED_BYTES_MAX:
            raise KeyError(key)
        try:
            return place.read_bytes()
        except OSError:
            raise KeyError(key) from None

    def __iter__(self) -> Iterator[str]:
        self.listed = True
        return (p.relative_to(self.folder).as_posix() for p in sorted(_walk(self.folder)))

    def __len__(self) -> int:
        self.listed = True
        return sum(1 for _ in _walk(self.folder))


def load_project(workspace: Workspace) -> Loaded:
    """Read and parse the whole project; mistakes are in the modules' diagnostics. ProjectError where a file cannot be read."""
    from seqlang.host import load
    from seqlang.semantics.project import ProjectText

    host = load(workspace.settings)
    problems = tuple(str(p) for p in host.problems)
    files = Files(workspace.folder)
    templates, unreadable = read_templates(workspace.folder)
    text = ProjectText(
        modules=tuple(read_module(workspace.folder, path) for path in source_paths(workspace.folder)),
        words=host.words,
        settings=workspace.settings,
        templates=templates,
        unreadable=unreadable,
        files=files,
        diagnostics=workspace.diagnostics,
        settings_source=Source(SETTINGS_FILE, workspace.settings_text),
    )
    if any(not rule.templates or any(name.lower().endswith(rule.templates) for name in templates) for rule in host.words.rules):
        from seqlang.app.linting import plugin_findings  # few projects have rules of plugins

        further, more = plugin_findings(host, text)
        text, problems = replace(text, further=further), (*problems, *more)
    return Loaded(workspace, text, problems, files, host.folders)


def check_project(loaded: Loaded) -> Checked:
    """Compile a loaded project: its diagnostics in file order, and its plans where there are no errors."""
    from seqlang.compiler import compile_project

    return compile_project(loaded.text)


def source_paths(folder: Path) -> list[str]:
    """Return the paths of all `.seq` files below `folder`, with "/", sorted.

    Hidden folders, environments and projects of their own are left out.
    """
    base = str(folder)
    found = []
    for here, name in _walk_files(base):
        if name.endswith(".seq"):
            place = os.path.join(here, name)
            found.append(os.path.relpath(place, base) if here != base else name)
    return sorted((path.replace(os.sep, "/") for path in found), key=lambda path: path.split("/"))


def read_source(folder: Path, path: str) -> Source:
    r"""Return the text of one file, its line ends made "\\n"; ProjectError where it cannot be read."""
    place = folder / path
    try:
        if place.stat().st_size > SOURCE_BYTES_MAX:
            raise ProjectError(f"`{path}` is larger than {SOURCE_BYTES_MAX // 1024 // 1024} MB")
        raw = place.read_bytes()
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = raw.count(b"\n", 0, broken.start) + 1
        raise ProjectError(f"`{path}` is not UTF-8 text (line {line})") from None
    except FileNotFoundError:
        raise ProjectError(f"there is no file `{path}`") from None
    except OSError as broken:
        raise ProjectError(f"cannot read `{path}`: {(broken.strerror or str(broken)).lower()}") from None
    return Source(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def read_module(folder: Path, path: str) -> ModuleText:
    """Read and parse one file; that it is no text is a mistake in it. ProjectError where the disk refuses it."""
    from seqlang.semantics.project import ModuleText
    from seqlang.syntax.parse import parse
    from seqlang.syntax.text import read_source as read_bytes

    try:
        with (folder / path).open("rb") as file:
            raw = file.read(SOURCE_BYTES_MAX + 1)
    except OSError as broken:
        raise ProjectError(f"cannot read `{path}`: {(broken.strerror or str(broken)).lower()}") from None
    source, unreadable = read_bytes(path, raw)
    parsed = parse(source)
    return ModuleText(source, parsed.module, (*unreadable, *parsed.diagnostics))


def read_templates(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts in `templates/` by name, and why the others cannot be read."""
    base = folder / TEMPLATES
    found: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for place in sorted(_walk(base)) if base.is_dir() else ():
        name = place.relative_to(base).as_posix()
        try:
            if place.stat().st_size > TEMPLATE_BYTES_MAX:
                unreadable[name] = f"it is larger than {TEMPLATE_BYTES_MAX // 1024} KB"
                continue
            found[name] = place.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            unreadable[name] = "it is not UTF-8 text"
        except OSError as broken:
            unreadable[name] = (broken.strerror or str(broken)).lower()
    return found, unreadable


def _walk(folder: Path) -> Iterator[Path]:
    for here, name in _walk_files(str(folder)):
        yield Path(here, name)


def _walk_files(folder: str) -> Iterator[tuple[str, str]]:
    """Give folder and name of each file of a project."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in SKIPPED and not _elsewhere(here, f))
        yield from ((here, f) for f in files if not f.startswith("."))


def _elsewhere(here: str, name: str) -> bool:
    """Whether the folder is an environment of Python, or a project of its own."""
    return any(os.path.exists(os.path.join(here, name, file)) for file in ("pyvenv.cfg", SETTINGS_FILE))
