"""One project as an editor sees it: unsaved texts stand over the files; only what changed is read anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from seqlang.app.project import TEMPLATES, Files, read_source, read_templates, source_paths
from seqlang.app.workspace import SETTINGS_FILE
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.editing.analysis import Analysis, analyse, survey
from seqlang.errors import ProjectError
from seqlang.frozen import replace
from seqlang.limits import SOURCE_BYTES_MAX
from seqlang.semantics.project import ModuleText, ProjectText
from seqlang.semantics.settings import read_settings
from seqlang.syntax.parse import parse
from seqlang.vocabulary.policies import Words


class OverFiles(Mapping[str, bytes]):
    """The files of a folder with unsaved texts over them."""

    def __init__(self, folder: Path) -> None:
        self.files = Files(folder)

    def __getitem__(self, key: str) -> bytes:
        return self.files[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


class Folder:
    """A project's folder. All methods but `typed` and `closed` run in one thread, the server's worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.buffers: dict[str, str] = {}  # path -> unsaved text
        self.last: Analysis | None = None  # the last full check
        self.newest: Analysis | None = None  # the last look, perhaps without a check
        self._modules: dict[str, tuple[object, ModuleText]] = {}  # path -> (what it was read from, what was read)
        self._words: tuple[object, Words] | None = None
        self._templates: tuple[object, tuple[dict[str, str], dict[str, str]]] | None = None

    def path_of(self, place: Path) -> str | None:
        """Return the path within the project; None outside of it."""
        try:
            return place.relative_to(self.folder).as_posix()
        except ValueError:
            return None

    def typed(self, path: str, text: str) -> None:
        """Note the text of an open file."""
        self.buffers[path] = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    def closed(self, path: str) -> None:
        """Forget the unsaved text of a file."""
        self.buffers.pop(path, None)

    # --------------------------------------------------------------------------------- in the worker

    def check(self) -> Analysis:
        """Check the project as it stands now."""
        self.last = self.newest = analyse(self._text())
        return self.last

    def look(self) -> Analysis:
        """Return what is known now: the texts of this moment, and of the last check what still holds."""
        text = self._text()
        if self.newest is not None and self._same(self.newest.text, text):
            return self.newest
        seen = survey(text)
        if self.last is not None:
            seen = replace(seen, flows=self.last.flows, diagnostics=self._kept(self.last, text))
        self.newest = seen
        return seen

    def _kept(self, last: Analysis, text: ProjectText) -> tuple[Diagnostic, ...]:
        """Return the diagnostics of files that have not changed since the last check."""
        now = {m.source.path: m.source.text for m in text.modules}
        return tuple(d for d in last.diagnostics if now.get(d.source.path, d.source.text) == d.source.text)

    @staticmethod
    def _same(one: ProjectText, other: ProjectText) -> bool:
        files = len(one.modules) == len(other.modules) and all(a is b for a, b in zip(one.modules, other.modules, strict=True))
        return files and one.templates is other.templates and one.settings == other.settings

    def _text(self) -> ProjectText:
        buffers = dict(self.buffers)
        paths = dict.fromkeys((*source_paths(self.folder), *(p for p in buffers if p.endswith(".seq"))))
        settings_text = buffers.get(SETTINGS_FILE)
        if settings_text is None:
            settings_text = self._read(SETTINGS_FILE)
        settings, diagnostics = read_settings(settings_text)
        templates, unreadable = self._all_templates(buffers)
        modules = tuple(m for path in sorted(paths, key=lambda p: p.split("/")) if (m := self._module(path, buffers)) is not None)
        return ProjectText(
            modules=modules,
            words=self._installed(settings),
            settings=settings,
            templates=templates,
            unreadable=unreadable,
            files=OverFiles(self.folder),
            diagnostics=tuple(diagnostics),
            settings_source=Source(SETTINGS_FILE, settings_text),
        )

    def _module(self, path: str, buffers: Mapping[str, str]) -> ModuleText | None:
        """Return a file, read anew only where it changed."""
        text = buffers.get(path)
        key: object = text if text is not None else self._stamp(path)
        kept = self._modules.get(path)
        if kept is not None and kept[0] == key:
            return kept[1]
        try:
            source = read_source(self.folder, path) if text is None else Source(path, text[:SOURCE_BYTES_MAX])
        except ProjectError:
            return None
        parsed = parse(source)
        module = ModuleText(source, parsed.module, tuple(parsed.diagnostics))
        self._modules[path] = (key, module)
        return module

    def _all_templates(self, buffers: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        base = self.folder / TEMPLATES
        open_ = {p.removeprefix(f"{TEMPLATES}/"): text for p, text in buffers.items() if p.startswith(f"{TEMPLATES}/")}
        on_disk = tuple((str(p), self._stamp(str(p))) for p in sorted(base.rglob("*")) if p.is_file()) if base.is_dir() else ()
        key = (on_disk, tuple(sorted(open_.items())))
        if self._templates is None or self._templates[0] != key:
            found, unreadable = read_templates(self.folder)
            self._templates = (key, (found | open_, {k: v for k, v in unreadable.items() if k not in open_}))
        return self._templates[1]

    def _installed(self, settings: object) -> Words:
        from seqlang.host import load

        key = getattr(settings, "plugins", None)
        if self._words is None or self._words[0] != key:
            self._words = (key, load(settings).words)  # type: ignore[arg-type]
        return self._words[1]

    def _stamp(self, path: str) -> object:
        try:
            known = (self.folder / path).stat()
        except OSError:
            return None
        return (known.st_mtime_ns, known.st_size)

    def _read(self, path: str) -> str:
        with suppress(OSError, UnicodeDecodeError):
            return (self.folder / path).read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        return ""
