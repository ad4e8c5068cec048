"""`check` itself, and its options read without click: loading click takes a third of the time that checking a file may take.

The plain reading knows the options as they are mostly written. Whatever else stands on the line (`--help`, `--fix`, a mistake) is
for the whole program, which says it better; so is whatever goes wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from seqlang.frozen import Record

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
_SUMMED_UP = ("github", "sarif", "gitlab", "junit")  # formats for programs: people get the sum beside them


class Wanted(Record):
    """What a check is asked for."""

    paths: tuple[str, ...]
    layout: str = "text"  # one of FORMATS
    strict: bool = False  # warnings count as errors
    fix: bool = False  # safe fixes are applied
    unsafe: bool = False  # … and the other ones
    fresh: bool = False  # nothing that was kept is used
    project: str | None = None


def read_plain(arguments: Sequence[str]) -> Wanted | None:
    """Return what the arguments behind `check` ask for; None where they are not of the plain sort."""
    paths: list[str] = []
    given: dict[str, str] = {}
    flags: set[str] = set()
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        name, equals, value = word.partition("=")
        if name in ("--format", "--project"):
            if not equals:
                if not waiting or waiting[-1].startswith("-"):
                    return None
                value = waiting.pop()
            given[name] = value
        elif word in ("--strict", "--no-cache"):
            flags.add(word)
        elif word.startswith("-") or not word:
            return None
        else:
            paths.append(word)
    layout = given.get("--format", "text")
    if layout not in FORMATS:
        return None
    return Wanted(
        tuple(paths), layout, strict="--strict" in flags, fresh="--no-cache" in flags, project=given.get("--project")
    )


def check_plainly(arguments: Sequence[str]) -> int | None:
    """Check and return the exit code; None where that is a matter for the whole program, and nothing was printed."""
    wanted = read_plain(arguments)
    if wanted is None:
        return None
    import gc

    gc.disable()  # the process ends with this: looking for what could be thrown away takes a quarter of a large check
    try:
        return check_once(wanted)
    except Exception:  # noqa: BLE001  the whole program meets it again and words it
        return None
    finally:
        gc.enable()


def check_once(wanted: Wanted) -> int:
    """Check, print what was found, return the exit code; nothing is printed before everything is known."""
    from seqlang.app.checking import check_target, fix_target, report_of, strict, targets
    from seqlang.diagnostics.faces import FACES, face_text, summary

    found = []
    notes = []
    for target in targets(wanted.paths, wanted.project):
        if wanted.fix or wanted.unsafe:
            checking, count = fix_target(target, unsafe=wanted.unsafe)
            notes.append(f"{count} {'fix' if count == 1 else 'fixes'} applied")
        else:
            checking = check_target(target, fresh=wanted.fresh)
        notes += [f"warning: {problem}" for problem in checking.problems]
        found.append((checking, shown_prefix(target.folder) if wanted.project is None else ""))
    report = report_of(found)
    if wanted.strict:
        report = strict(report)
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    shown = face_text(report, colour=coloured) if wanted.layout == "text" else FACES[wanted.layout](report)
    if wanted.layout in _SUMMED_UP:
        notes.append(summary(report))
    if notes:
        sys.stderr.write("".join(f"{line}\n" for line in notes))
        sys.stderr.flush()
    if shown:
        sys.stdout.write(f"{shown}\n")
        sys.stdout.flush()
    return 1 if report.count("error") else 0


def shown_prefix(folder: Path) -> str:
    """Return what stands before a project's paths to make them paths from here; nothing where the project is not below."""
    here = Path.cwd().resolve()
    return "" if folder == here or not folder.is_relative_to(here) else folder.relative_to(here).as_posix() + "/"
