"""The shape of the house: floors, sizes, first sentences, and words that must not stand in it."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
BAD_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager2"}
# Words of the places where this was made, not of the product; in pieces, so that this file does not hold them.
FORBIDDEN = (
    "/work" + "/",
    "/tm" + "p/team",
    "work" + "space/shared",
    "LANGUAGE.md must",
    "pypi" + "-more",
    "TODO" + ":",
    "FIXME" + ":",
    "XXX" + ":",
)
TEXT = {".py", ".md", ".toml", ".seq", ".lark", ".html", ".json", ".yaml", ".yml", ".txt", ".sql", ".mako", ".csv", ""}


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files under version control that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    return tuple(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


@dataclass(frozen=True, slots=True)
class Module:
    """What is asked of a Python file."""

    path: Path
    lines: int
    docstring: str
    functions: tuple[tuple[str, int, int], ...]  # name, line, number of lines
    sleeps: tuple[int, ...]  # lines that sleep

    @property
    def name(self) -> str:
        """Its path from the root."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def modules() -> tuple[Module, ...]:
    """Return the Python files of the house; each is read once."""
    return tuple(_module(path) for path in tracked() if path.suffix == ".py")


def _module(path: Path) -> Module:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    functions: list[tuple[str, int, int]] = []
    sleeps: list[int] = []
    waiting: list[ast.AST] = [tree]
    asked = "sleep" in text
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.append((node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1))
        if asked and isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}:
            sleeps.append(node.lineno)
        # Functions stand in statements; only calls stand deeper.
        waiting += ast.iter_child_nodes(node) if asked or not isinstance(node, ast.expr) else ()
    docstring = ast.get_docstring(tree) or ""
    return Module(path, len(text.splitlines()), docstring, tuple(functions), tuple(sleeps))


def test_every_package_has_a_floor() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = next(c["layers"] for c in config["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    floors = {room.strip(" ()") for layer in layers for room in layer.split("|")}
    rooms = {
        one.path.relative_to(ROOT / "seqlang").parts[0].removesuffix(".py")
        for one in modules()
        if (ROOT / "seqlang") in one.path.parents
    }
    assert rooms - {"__init__"} <= floors
    drawn = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert [floor for floor in floors if floor not in drawn] == []


def test_every_module_opens_with_one_sentence() -> None:
    silent = [one.name for one in modules() if not one.docstring.partition("\n")[0].rstrip().endswith((".", "?", ":"))]
    assert silent == []


def test_no_module_is_longer_than_the_limit() -> None:
    data = {"seqlang/syntax/tree.py"}  # the nodes of the tree: a table of records, each a few lines
    long = {one.name: one.lines for one in modules() if one.lines > LINES_MAX}
    assert {name: lines for name, lines in long.items() if name not in data} == {}


def test_no_function_is_longer_than_the_limit() -> None:
    long = [
        f"{one.name}:{line} {name}: {lines} lines"
        for one in modules()
        if one.path.parent.name != "versions"  # a revision of the schema is written by Alembic, whole
        for name, line, lines in one.functions
        if lines > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_module_is_named_by_nothing() -> None:
    assert [one.name for one in modules() if one.path.stem in BAD_NAMES or one.path.parent.name in BAD_NAMES] == []


def test_the_oracle_reads_nothing_of_the_engine() -> None:
    """It is written from the language reference: only what plays the engine beside it, or loads a project, may import more."""
    plays = {"comparing.py", "living.py", "projects.py", "test_timelines.py"}
    rooms = "engine|predicates|runtime|store|app"
    asks = re.compile(rf"^\s*(from|import) seqlang(\.({rooms})\b| import ({rooms})\b)", re.MULTILINE)
    oracle = [path for path in tracked() if path.parent == ROOT / "tests" / "oracle"]
    assert len(oracle) > len(plays)
    assert [path.name for path in oracle if path.name not in plays and asks.search(path.read_text("utf-8"))] == []


def test_tests_say_what_happens() -> None:
    unclear = [
        f"{one.name}: {name}"
        for one in modules()
        if one.path.name.startswith("test_")
        for name, _, _ in one.functions
        if name.startswith("test_") and name.count("_") < 3
    ]
    assert unclear == []


def test_tests_never_sleep() -> None:
    sleeping = [
        f"{one.name}:{line}"
        for one in modules()
        if one.name.startswith("tests/")
        for line in one.sleeps
    ]
    assert sleeping == []


def test_no_file_names_the_place_where_it_was_made() -> None:
    found = []
    for path in tracked():
        if path.suffix not in TEXT or path == Path(__file__):
            continue
        text = path.read_text("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in FORBIDDEN if word in text]
    assert found == []


def test_package_imports_nothing_by_itself() -> None:
    tree = ast.parse((ROOT / "seqlang" / "__init__.py").read_text("utf-8"))
    assert not any(
        isinstance(node, ast.Import | ast.ImportFrom) and ast.unparse(node) != "from __future__ import annotations"
        for node in tree.body
    )


@pytest.mark.parametrize(
    "room",
    [
        "sdk",
        "schedule",
        "syntax",
        "semantics",
        "compiler",
        "store",
        "host",
        "engine",
        "dispatch",
        "runtime",
        "simulation",
        "predicates",
    ],
)
def test_exports_of_a_room_are_there_once(room: str) -> None:
    module = __import__(f"seqlang.{room}", fromlist=["__all__"])
    exports = list(getattr(module, "__all__", []))
    assert len(exports) == len(set(exports))
    assert [name for name in exports if not hasattr(module, name)] == []
