"""`plugin new`: a distribution with a channel, that installs and passes its own tests."""

from __future__ import annotations

import keyword
import re
from importlib.resources import files
from pathlib import Path

from seqlang.errors import RefusedError, UsageError

STARTER = (  # where a file lies in the package, and in the distribution
    ("pyproject.toml.txt", "pyproject.toml"),
    ("README.md.txt", "README.md"),
    ("gitignore.txt", ".gitignore"),
    ("init.py.txt", "seqlang_@WORD@/__init__.py"),
    ("channel.py.txt", "seqlang_@WORD@/channel.py"),
    ("seqlang-plugin.toml.txt", "seqlang_@WORD@/seqlang-plugin.toml"),
    ("test.py.txt", "tests/test_@WORD@.py"),
)
NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def make_plugin(name: str, folder: str | None = None) -> list[str]:
    """Write the distribution into `folder` (default: `seqlang-NAME` here) and return the paths it made.

    UsageError: the name cannot be one of a channel. RefusedError: another plugin has it, or the folder is not empty.
    """
    from seqlang.host import load

    if not NAME.fullmatch(name) or keyword.iskeyword(name.replace("-", "_")):
        raise UsageError(f"`{name}` is no name of a plugin", hint="small letters, digits and dashes: `team-chat`")
    word = name.replace("-", "_")
    host = load()
    taken = next((p for p in host.plugins() if p.name == word or any(c.word == word for c in p.channels)), None)
    if taken is not None:
        raise RefusedError(f"the plugin `{taken.name}` has the word `{word}` already")
    place = Path(folder or f"seqlang-{name.replace('_', '-')}").expanduser()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise RefusedError(f"`{place}` is there already, and nothing was written", hint="choose an empty folder with `--in`")
    made = []
    for source, target in STARTER:
        there = place / _filled(target, word)
        there.parent.mkdir(parents=True, exist_ok=True)
        text = files("seqlang.app").joinpath("plugin_starter", source).read_text(encoding="utf-8")
        there.write_text(_filled(text, word), encoding="utf-8")
        made.append(str(there))
    return made


def _filled(text: str, word: str) -> str:
    from seqlang.sdk import SDK_VERSION

    values = {
        "@WORD@": word, "@DIST@": word.replace("_", "-"), "@CLASS@": word.title().replace("_", ""), "@ENV@": word.upper(),
        "@SDK@": SDK_VERSION,
    }  # fmt: skip
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text
