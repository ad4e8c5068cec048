"""Where a command works: the project's folder, its settings and its database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.errors import ProjectError
from seqlang.frozen import Record, replace
from seqlang.vocabulary.settings import ProjectSettings, SecretRef

SETTINGS_FILE = "seqlang.toml"
DATABASE_DEFAULT = "sqlite:///seqlang.db"
DATABASE_VARIABLE = "SEQLANG_DATABASE"


class Workspace(Record):
    """A project's folder and what its `seqlang.toml` says."""

    folder: Path  # absolute
    settings: ProjectSettings
    diagnostics: tuple[Diagnostic, ...]  # of `seqlang.toml`
    database: str  # an SQLAlchemy URL; a SQLite file's path is absolute
    settings_text: str = ""  # of `seqlang.toml`


def find_folder(project: str | None = None) -> Path:
    """Return the project's folder: the named one, else the nearest upwards from here with settings, else this one."""
    if project is not None:
        folder = Path(project).expanduser()
        if not folder.is_dir():
            raise ProjectError(f"there is no project folder `{project}`", hint="`seqlang init` makes one")
        return folder.resolve()
    here = Path.cwd().resolve()
    return nearest_project(here) or here


def nearest_project(here: Path) -> Path | None:
    """Return the nearest folder, from `here` upwards, that has settings."""
    return next((f for f in (here, *here.parents) if (f / SETTINGS_FILE).is_file()), None)


def open_workspace(
    project: str | None = None,
    database: str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
) -> Workspace:
    """Find the project and read its settings; mistakes in them are diagnostics, an unreadable file is a ProjectError."""
    from seqlang.semantics.settings import read_settings

    folder = find_folder(project)
    place = folder / SETTINGS_FILE
    text = ""
    if place.is_file():
        try:
            text = place.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as broken:
            raise ProjectError(f"cannot read `{place}`: {_reason(broken)}") from None
    settings, diagnostics = read_settings(text)
    told = database or (os.environ if environment is None else environment).get(DATABASE_VARIABLE)
    url = _absolute(told, Path.cwd()) if told else _absolute(settings.database or DATABASE_DEFAULT, folder)
    return Workspace(folder, _rooted(settings, folder), tuple(diagnostics), url, text)


def require_settings(workspace: Workspace) -> None:
    """Raise ProjectError where `seqlang.toml` has mistakes: what works on data does not guess at them."""
    wrong = next((d for d in workspace.diagnostics if d.severity == "error"), None)
    if wrong is not None:
        line, column = wrong.source.position(wrong.span.start)
        raise ProjectError(f"{wrong.source.path}:{line}:{column}: {wrong.message}", hint=wrong.hint)


def _rooted(settings: ProjectSettings, folder: Path) -> ProjectSettings:
    """Return the settings with the paths of secrets and authorities in the folder, wherever a command is called."""
    web = settings.web
    old = tuple(_rooted_secret(one, folder) for one in web.old_secrets)
    hooks = {name: replace(hook, secret=_rooted_secret(hook.secret, folder)) for name, hook in web.hooks.items()}
    secret = _rooted_secret(web.secret, folder) if web.secret is not None else None
    web = replace(web, secret=secret, old_secrets=old, hooks=hooks)
    return replace(settings, web=web, channels=rooted_table(settings.channels, folder))


def _rooted_secret(place: SecretRef, folder: Path) -> SecretRef:
    return place if place.file is None else replace(place, file=_rooted_path(place.file, folder))


def rooted_table(value: Any, folder: Path) -> Any:
    """Return a table of the settings, its secrets' files and its `ca_file` beginning in the project's folder."""
    if not isinstance(value, dict):
        return value
    is_path = {
        name: isinstance(inner, str) and (name == "ca_file" or (name == "file" and len(value) == 1))
        for name, inner in value.items()
    }
    return {name: _rooted_path(inner, folder) if is_path[name] else rooted_table(inner, folder) for name, inner in value.items()}


def _rooted_path(path: str, folder: Path) -> str:
    return str(folder / Path(path).expanduser())


def _absolute(url: str, folder: Path) -> str:
    """Return the URL with the path of a SQLite file made absolute; others as they are."""
    if "://" not in url:
        return f"sqlite:///{(folder / url).resolve()}"
    scheme, _, rest = url.partition("://")
    if not scheme.startswith("sqlite") or rest in ("", "/", "/:memory:"):
        return url
    path, _, query = rest.removeprefix("/").partition("?")
    absolute = f"{scheme}:///{(folder / path).resolve()}"
    return f"{absolute}?{query}" if query else absolute


def _reason(broken: Exception) -> str:
    if isinstance(broken, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return (getattr(broken, "strerror", None) or str(broken)).lower()
