"""Fixes, the projects of paths, and where a command works."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.app.checking import apply_fixes, check_target, fix_target, targets
from seqlang.app.project import source_paths
from seqlang.app.workspace import open_workspace
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix
from seqlang.diagnostics.source import Source, Span
from seqlang.errors import UsageError
from seqlang.limits import SOURCE_BYTES_MAX


def mistake(start: int, end: int, text: str, *, safe: bool = True) -> Diagnostic:
    fix = Fix("write it", (Edit(Span(start, end), text),), safe)
    return Diagnostic("SEQ101", "error", "wrong", Source("a.seq", ""), Span(start, end), fix=fix)


def test_fixes_that_overlap_wait_for_the_next_round() -> None:
    text, count = apply_fixes("one two three", [mistake(0, 3, "1"), mistake(2, 5, "x"), mistake(8, 13, "3")])
    assert (text, count) == ("1 two 3", 2)


def test_fixes_that_may_change_the_meaning_are_left_to_people() -> None:
    assert apply_fixes("one", [mistake(0, 3, "1", safe=False)]) == ("one", 0)


def test_paths_are_grouped_by_their_projects(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "seqlang.toml").touch()
        (tmp_path / name / "deep/x.seq").touch()
    found = targets([str(tmp_path / "a/deep/x.seq"), str(tmp_path / "b")])
    assert [t.folder.name for t in found] == ["a", "b"]
    assert [t.folder.name for t in targets([str(tmp_path)])] == ["a", "b"]
    with pytest.raises(UsageError, match="no file or folder"):
        targets([str(tmp_path / "c")])


def test_hidden_folders_environments_and_projects_within_are_left_out(tmp_path: Path) -> None:
    for name in ("x.seq", "in/y.seq", ".git/z.seq", "venv/z.seq", "other/z.seq", "py/z.seq"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "other/seqlang.toml").touch()
    (tmp_path / "py/pyvenv.cfg").touch()
    assert source_paths(tmp_path) == ["in/y.seq", "x.seq"]


def test_the_database_is_the_options_then_the_variables_then_the_projects(tmp_path: Path) -> None:
    (tmp_path / "seqlang.toml").write_text('database = "sqlite:///own.db"\n', "utf-8")
    project = str(tmp_path)
    assert open_workspace(project, environment={}).database == f"sqlite:///{tmp_path}/own.db"
    told = {"SEQLANG_DATABASE": "sqlite:////var/x.db"}
    assert open_workspace(project, environment=told).database == "sqlite:////var/x.db"
    assert open_workspace(project, "postgresql+psycopg://h/d", environment=told).database == "postgresql+psycopg://h/d"
    (tmp_path / "seqlang.toml").write_text("", "utf-8")
    assert open_workspace(project, environment={}).database == f"sqlite:///{tmp_path}/seqlang.db"


def test_unsafe_fixes_are_applied_where_somebody_asks_for_them() -> None:
    assert apply_fixes("one", [mistake(0, 3, "1", safe=False)], unsafe=True) == ("1", 1)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"let a = 1\nlet \xe4 = 2\n", "SEQ117"),
        (b"\xff\xfel\x00e\x00t\x00", "SEQ117"),
        (b"#" * (SOURCE_BYTES_MAX + 1), "SEQ118"),
    ],
)
def test_a_file_that_is_no_text_is_a_mistake_among_others(raw: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / "a.seq").write_bytes(raw)
    (tmp_path / "b.seq").write_text("let b = \n", "utf-8")
    (target,) = targets([str(tmp_path)])
    found = check_target(target, fresh=True).diagnostics
    assert [(d.source.path, d.code) for d in found] == [("a.seq", code), ("b.seq", "SEQ121")]


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
def test_fixes_of_a_file_from_windows_keep_its_line_ends(before: bytes, tmp_path: Path) -> None:
    (tmp_path / "seqlang.toml").touch()
    (tmp_path / "a.seq").write_bytes(before + b"let a = 3d # \xf0\x9f\x98\x80\r\nlet b = 9:30\r\n")
    (target,) = targets([str(tmp_path)])
    checking, count = fix_target(target)
    assert count == 2
    assert checking.diagnostics == ()
    assert (tmp_path / "a.seq").read_bytes() == "let a = 3 days # 😀\r\nlet b = 09:30\r\n".encode()


def test_fixes_go_on_until_none_is_left(tmp_path: Path) -> None:
    (tmp_path / "seqlang.toml").touch()
    (tmp_path / "a.seq").write_text('view "v" of contact where score == 20 && !(title == “x”)\n', "utf-8")
    (target,) = targets([str(tmp_path)])
    fix_target(target)
    assert (tmp_path / "a.seq").read_text("utf-8") == 'view "v" of contact where score = 20 and not (title = "x")\n'
