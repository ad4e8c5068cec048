"""The shape of the house: floors, sizes, first sentences, and words that must not stand in it."""

from __future__ import annotations

import ast
import subprocess
import tomllib
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


def tracked() -> list[Path]:
    """Return the files under version control that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def modules() -> list[Path]:
    """Return the Python files of the house."""
    return [path for path in tracked() if path.suffix == ".py"]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_every_package_has_a_floor() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = next(c["layers"] for c in config["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    floors = {room.strip(" ()") for layer in layers for room in layer.split("|")}
    rooms = {
        path.relative_to(ROOT / "seqlang").parts[0].removesuffix(".py")
        for path in modules()
        if (ROOT / "seqlang") in path.parents
    }
    assert rooms - {"__init__"} <= floors
    drawn = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert [floor for floor in floors if floor not in drawn] == []


def test_every_module_opens_with_one_sentence() -> None:
    silent = []
    for path in modules():
        text = path.read_text("utf-8")
        docstring = ast.get_docstring(ast.parse(text))
        if not docstring or not docstring.splitlines()[0].rstrip().endswith((".", "?", ":")):
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_no_module_is_longer_than_the_limit() -> None:
    data = {"seqlang/syntax/tree.py"}  # the nodes of the tree: a table of records, each a few lines
    long = {str(p.relative_to(ROOT)): n for p in modules() if (n := len(p.read_text("utf-8").splitlines())) > LINES_MAX}
    assert {name: lines for name, lines in long.items() if name not in data} == {}


def test_no_function_is_longer_than_the_limit() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines"
        for path in modules()
        if path.parent.name != "versions"  # a revision of the schema is written by Alembic, whole
        for node in functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_module_is_named_by_nothing() -> None:
    assert [str(path.relative_to(ROOT)) for path in modules() if path.stem in BAD_NAMES or path.parent.name in BAD_NAMES] == []


def test_tests_say_what_happens() -> None:
    unclear = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in modules()
        if path.name.startswith("test_")
        for node in functions(path)
        if node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert unclear == []


def test_tests_never_sleep() -> None:
    sleeping = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        if "tests" in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}
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
