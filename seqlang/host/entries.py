"""Finds entry points in the metadata of what is installed.

`importlib.metadata` does the same and is asked where the path is unusual (an archive, a finder of somebody's own); loading it
takes longer than checking a file.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

from seqlang.frozen import Record

_METADATA = (".dist-info", ".egg-info")


class Entry(Record):
    """One entry point."""

    name: str
    module: str
    folder: str  # of the metadata of its distribution; "" where there is none

    @property
    def distribution(self) -> tuple[str, str]:
        """Return name and version of what was installed; empty texts where nobody knows."""
        found = {"name": "", "version": ""}
        for file in ("METADATA", "PKG-INFO"):
            for line in _lines(os.path.join(self.folder, file)) if self.folder else ():
                key, colon, value = line.partition(":")
                if not colon:
                    break  # the headers end
                if key.lower() in found and not found[key.lower()]:
                    found[key.lower()] = value.strip()
        return found["name"], found["version"]


def find(group: str) -> list[Entry]:
    """Return the entry points of a group, by name, then module; of two distributions of one name the first on the path counts."""
    found: list[Entry] = []
    seen: set[str] = set()
    if any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path):
        return _by_the_book(group)
    for place in sys.path:
        try:
            names = os.listdir(place or ".")
        except FileNotFoundError:
            continue
        except OSError:
            return _by_the_book(group)
        for name in names:
            if not name.endswith(_METADATA):
                continue
            one = name[:-10].partition("-")[0].lower().replace(".", "_")
            if one not in seen:
                seen.add(one)
                folder = os.path.join(place, name)
                found += [Entry(key, module, folder) for key, module in _section(os.path.join(folder, "entry_points.txt"), group)]
    return sorted(found, key=lambda entry: (entry.name, entry.module))


def _section(path: str, group: str) -> list[tuple[str, str]]:
    """Return names and modules of one section of `entry_points.txt`."""
    found = []
    inside = False
    for line in _lines(path):
        text = line.strip()
        if text.startswith("["):
            inside = text == f"[{group}]"
        elif inside and "=" in text and not text.startswith("#"):
            name, _, value = text.partition("=")
            found.append((name.strip(), value.partition("[")[0].partition(":")[0].strip()))
    return found


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


def _by_the_book(group: str) -> list[Entry]:
    from importlib.metadata import entry_points

    found = []
    for entry in entry_points(group=group):
        folder = getattr(entry.dist, "_path", None)  # of those in archives there is none to read
        found.append(Entry(entry.name, entry.module, os.fspath(folder) if isinstance(folder, os.PathLike) else ""))
    return sorted(found, key=lambda entry: (entry.name, entry.module))
