"""A check of a project that has not changed takes what was found before; whatever changes is looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqlang.app.checking import Checking, Target, check_target
from seqlang.kept import FOLDER_VARIABLE

FLOW = """classic sequence "Hello" {
  owner "ana@example.com"
  run daily at 10:00
  audience { view "Everybody" }
  step hello: email on day 1 { template: "hello.html", subject: "Hello", attachments: ["price.txt"] }
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    folder = tmp_path / "project"
    (folder / "templates").mkdir(parents=True)
    (folder / "seqlang.toml").write_text('name = "p"\n', "utf-8")
    (folder / "hello.seq").write_text(FLOW, "utf-8")
    (folder / "views.seq").write_text('view "Everybody" of contact where email is not empty\n', "utf-8")
    (folder / "templates" / "hello.html").write_text("<p>Hello {{ contact.first_name }}</p>\n", "utf-8")
    (folder / "price.txt").write_text("1\n", "utf-8")
    return folder


def check(folder: Path) -> Checking:
    """Check, and prove that the answer is that of a check without the cache."""
    found = check_target(Target(folder, ()))
    assert found == check_target(Target(folder, ()), fresh=True)
    return found


def kept(folder: Path) -> list[Path]:
    return sorted((folder.parent / "cache").glob("check-*"))


def test_second_check_takes_what_the_first_one_found(project: Path) -> None:
    (project / "more.seq").write_text('list "A" of contact\nview "V" of contact where scor > 1\n', "utf-8")
    first = check(project)
    assert [d.code for d in first.diagnostics if d.severity == "error"]
    (file,) = kept(project)
    before = file.stat().st_mtime_ns
    assert check(project) == first
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("views.seq", 'view "Nobody" of contact where email is not empty\n'),  # a name in another file
        ("templates/hello.html", "<p>{{ contact.first_nam }}</p>\n"),
        ("seqlang.toml", 'name = "p"\nplugins = ["sms"]\n'),
        ("twice.seq", FLOW),
    ],
)
def test_a_change_anywhere_is_seen(project: Path, path: str, text: str) -> None:
    assert not [d for d in check(project).diagnostics if d.severity == "error"]
    (project / path).write_text(text, "utf-8")
    assert [d for d in check(project).diagnostics if d.severity == "error"]


@pytest.mark.parametrize("path", ["views.seq", "templates/hello.html", "price.txt"])
def test_a_file_that_is_gone_is_missed(project: Path, path: str) -> None:
    check(project)
    (project / path).unlink()
    assert [d for d in check(project).diagnostics if d.severity == "error"]


def test_the_same_size_and_time_with_other_words_is_a_change(project: Path) -> None:
    view = project / "views.seq"
    check(project)
    state = view.stat()
    view.write_text(view.read_text("utf-8").replace("Everybody", "Everybodi"), "utf-8")
    os.utime(view, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert [d for d in check(project).diagnostics if d.severity == "error"]


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_a_spoilt_answer_counts_as_none(project: Path, damage: bytes | None) -> None:
    first = check(project)
    (file,) = kept(project)
    raw = file.read_bytes()
    file.write_bytes(raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:] if damage is None else damage)
    assert check(project) == first
    assert file.read_bytes() == raw


def test_nothing_is_kept_where_others_can_write(project: Path) -> None:
    cache = project.parent / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    check(project)
    assert kept(project) == []


def test_no_cache_is_kept_where_none_is_wanted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    check(project)
    assert kept(project) == []
