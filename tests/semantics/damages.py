"""Damages to the examples: a word dropped, doubled or misspelt, a bracket, a quotation mark."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random  # noqa: TID251  # with a seed
from typing import NamedTuple

from seqlang.app.project import load_project
from seqlang.app.workspace import open_workspace
from seqlang.compiler import ModuleText, ProjectText, compile_project
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.syntax.parse import parse
from seqlang.syntax.scan import scan
from seqlang.syntax.tokens import Token

EXAMPLES = Path(__file__).parents[2] / "examples"
KINDS = ("drop", "double", "misspell", "bracket", "quote")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SEED = 4


class Damaged(NamedTuple):
    """One damage and what is said of it."""

    what: str  # for people
    line: int  # on which the damage was done
    told: list[tuple[int, str]]  # line and code of what was not said before


@cache
def projects() -> dict[Path, ProjectText]:
    """Return the projects of the examples by their files."""
    return {file: load_project(open_workspace(str(file.parent))).text for file in sorted(EXAMPLES.rglob("*.seq"))}


def misspelt(word: str, chance: Random) -> str:
    """Return a word with two letters exchanged, one left out, doubled or replaced."""
    at = chance.randrange(len(word) - 1)
    made = chance.choice(
        [
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + chance.choice(LETTERS) + word[at + 1 :],
        ]
    )
    return made if made != word else word + word[-1]


def damage(text: str, kind: str, chance: Random) -> tuple[int, str]:
    """Return where a text was damaged, and the damaged text."""
    tokens = scan(Source("", text)).tokens
    words = [t for t in tokens if t.kind == "WORD"]

    def one(pool: list[Token]) -> Token:
        return chance.choice(pool)

    if kind == "drop":
        token = one(words)
        rest = text[token.end :]
        return token.start, text[: token.start] + rest.removeprefix(" ")
    if kind == "double":
        token = one(words)
        return token.start, f"{text[: token.end]} {token.text}{text[token.end :]}"
    if kind == "misspell":
        token = one([w for w in words if len(w.text) > 2])
        return token.start, text[: token.start] + misspelt(token.text, chance) + text[token.end :]
    if kind == "bracket":
        token = one([t for t in tokens if t.kind in "{}()[]"])
        sign = chance.choice(["", token.kind * 2])
        return token.start, text[: token.start] + sign + text[token.end :]
    token = one([t for t in tokens if t.kind == "STRING" and not t.text.startswith('"""')])
    at = chance.choice([token.start, token.end - 1])
    return at, text[:at] + chance.choice(["", '""']) + text[at + 1 :]


def said(text: ProjectText) -> list[Diagnostic]:
    """Return all diagnostics of a project."""
    return list(compile_project(text).diagnostics)


@cache
def campaign(count: int) -> list[Damaged]:
    """Return so many damages of which something is said: one that leaves a right program (`not` dropped) is drawn again."""
    chance = Random(SEED)
    files = list(projects())
    before = {file: {(d.code, d.message) for d in said(text)} for file, text in projects().items()}
    done: list[Damaged] = []
    number = 0
    while len(done) < count:
        file = files[number % len(files)]
        number += 1
        text = projects()[file]
        module = next(m for m in text.modules if m.source.path == file.name)
        at, spoilt = damage(module.source.text, chance.choice(KINDS), chance)
        source = Source(file.name, spoilt)
        parsed = parse(source)
        changed = ModuleText(source, parsed.module, parsed.diagnostics)
        modules = tuple(changed if m is module else m for m in text.modules)
        found = [d for d in said(replace(text, modules=modules)) if (d.code, d.message) not in before[file]]
        line = module.source.position(at)[0]
        told = [(d.source.position(d.span.start)[0], d.code) for d in found]
        if told:
            done.append(Damaged(f"{file.name}:{line}: {spoilt.splitlines()[line - 1]}", line, told))
    assert number <= count * 1.05, "too many damages bring nothing"
    return done
