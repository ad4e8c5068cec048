"""Plain data kept in the user's cache folder, so that the next process need not work it out again.

Nothing here is trusted further than the folder is: it must belong to the user, and nobody else may write into it. What is read
runs no code (`marshal` of plain data) and is compared with its own checksum, so that a file that was cut short counts as none.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from typing import TYPE_CHECKING, Any

from seqlang.frozen import Record

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER_VARIABLE = "SEQLANG_CACHE_DIR"
AGE_SECONDS_MAX = 30 * 24 * 3600  # what nobody has used for so long is thrown away


def cache_folder() -> str | None:
    """Return the user's own cache folder for seqlang; None where there is none. `SEQLANG_CACHE_DIR` names another one."""
    told = os.environ.get(FOLDER_VARIABLE)
    if told is not None:
        return told if os.path.isabs(told) else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "seqlang") if base and os.path.isabs(base) else None


def digest_of(*parts: str | bytes) -> str:
    """Return a name for some texts: the same for the same ones in the same order, and for no others."""
    import hashlib

    made = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(raw).to_bytes(8, "big"))
        made.update(raw)
    return made.hexdigest()


def state_of(place: str) -> str:
    """Return a text that changes with a file, or with the files of a folder at any depth, without `__pycache__`."""
    if not os.path.isdir(place):
        return f"{place} {time_of(place)}"
    parts = []
    for here, folders, files in os.walk(place):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        parts += [f"{here}/{name} {time_of(os.path.join(here, name))}" for name in sorted(files)]
    return "\n".join(parts)


def time_of(place: str) -> str:
    """Return when a file or a folder itself was changed, and its size, as a text; "" where there is none."""
    try:
        known = os.stat(place or ".")
    except OSError:
        return ""
    return f"{known.st_mtime_ns} {known.st_size}"


def once(name: str, key: str, find: Callable[[], Any]) -> Any:
    """Return what was kept under a file name for that key, else what `find` finds, which is kept: plain data, never None."""
    found = read(name, key)
    if found is None:
        found = find()
        keep(name, key, found)
    return found


def read(name: str, key: str) -> Any:
    """Return what was kept under a file name for that key; None where there is nothing, or something else."""
    folder = cache_folder()
    if folder is None or not _trusted(folder):
        return None
    try:
        with open(os.path.join(folder, name), "rb") as file:
            raw = file.read()
    except OSError:
        return None
    checksum, body = raw[:64], raw[64:]
    if digest_of(key, body).encode() != checksum:
        return None
    try:
        return marshal.loads(body)  # noqa: S302  # plain data, from a folder that only the user can write to
    except (ValueError, EOFError, TypeError):
        return None


def keep(name: str, key: str, data: Any) -> None:
    """Keep plain data under a file name: as a whole or not at all. Where that is not possible, nothing happens."""
    folder = cache_folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not _trusted(folder):
            return
        body = marshal.dumps(data)
        beside = os.path.join(folder, f".{name}.{os.getpid()}")
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(digest_of(key, body).encode() + body)
            os.replace(beside, os.path.join(folder, name))
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise
        _sweep(folder, os.stat(os.path.join(folder, name)).st_mtime)


def _trusted(folder: str) -> bool:
    """Say whether nobody else can have written into that folder."""
    if sys.platform == "win32":
        return os.path.isdir(folder)
    try:
        state = os.lstat(folder)
    except OSError:
        return False
    return (state.st_mode & 0o170000) == 0o040000 and state.st_uid == os.getuid() and not state.st_mode & 0o077


def _sweep(folder: str, now: float) -> None:
    """Throw away what has not been written for a month."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_file(follow_symlinks=False) and now - entry.stat().st_mtime > AGE_SECONDS_MAX:
                    os.unlink(entry.path)


_MARK = "\0"


def pack(value: Any) -> Any:
    """Return records, tuples and plain values as plain data, for `unpack`."""
    if isinstance(value, Record):
        return (_MARK + type(value).__name__, tuple((name, pack(getattr(value, name))) for name in value.record_parts))
    if isinstance(value, tuple):
        return tuple(pack(item) for item in value)
    return value


def unpack(data: Any, kinds: dict[str, type[Record]]) -> Any:
    """Return what was packed; TypeError or KeyError where the records have changed since."""
    if not isinstance(data, tuple):  # plain, or a record already
        return data
    if len(data) == 2 and isinstance(data[0], str) and data[0][:1] == _MARK:
        return kinds[data[0][1:]](**{name: unpack(item, kinds) for name, item in data[1]})
    return tuple(unpack(item, kinds) for item in data)
