"""`init`: a new project that passes its own checks and tests."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from seqlang.app.workspace import SETTINGS_FILE
from seqlang.errors import RefusedError, UsageError

STARTER = (  # where a file lies in the package, and in the project
    ("seqlang.toml", SETTINGS_FILE),
    ("sequences/welcome.seq", "sequences/welcome.seq"),
    ("templates/hello.html", "templates/hello.html"),
    ("templates/bump.html", "templates/bump.html"),
    ("tests/welcome.seq", "tests/welcome.seq"),
    ("contacts.csv", "contacts.csv"),
    ("github-workflow.yml", ".github/workflows/seqlang.yml"),
    ("pre-commit-config.yaml", ".pre-commit-config.yaml"),
    ("gitignore", ".gitignore"),
)


def make_project(folder: str) -> list[str]:
    """Write the starter project into `folder` and return the paths it made; RefusedError where a file of it exists."""
    place = Path(folder).expanduser()
    if place.exists() and not place.is_dir():
        raise UsageError(f"`{folder}` is a file, not a folder")
    if (place / SETTINGS_FILE).exists():
        raise RefusedError(f"there is a project in `{folder}` already")
    taken = [target for _, target in STARTER if (place / target).exists() and target != ".gitignore"]
    if taken:
        raise RefusedError(f"`{folder}` has a `{taken[0]}` already, and nothing was written", hint="choose an empty folder")
    made = []
    name = re.sub(r"[^a-z0-9]+", "-", place.resolve().name.lower()).strip("-") or "outreach"
    for source, target in STARTER:
        there = place / target
        if there.exists():
            continue
        text = files("seqlang.app").joinpath("starter", *source.split("/")).read_text(encoding="utf-8")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(text.replace("@NAME@", name), encoding="utf-8")
        made.append(str(Path(folder) / target))
    return made
