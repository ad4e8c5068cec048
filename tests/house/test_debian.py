"""Tests that need Debian's programs are skipped where these are missing, and never by `.ci/run`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.debian import PACKAGES, REQUIRED, program

ROOT = Path(__file__).parents[2]
PROGRAM = """
import pytest

@pytest.mark.debian("sh", "no-such-program")
def test_needs_what_is_missing() -> None: pass

@pytest.mark.debian("sh")
def test_cannot_start_it() -> None: pytest.skip("the port is taken")

@pytest.mark.debian("sh")
def test_has_all() -> None: pass

def test_of_something_else() -> None: pytest.skip("no such database")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("required", "outcome"), [("", "1 passed, 3 skipped"), ("1", "1 failed, 1 passed, 1 skipped, 1 error")])
def test_missing_programs_are_skipped_unless_they_are_required(required: str, outcome: str, tmp_path: Path) -> None:
    (tmp_path / "test_made.py").write_text(PROGRAM, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = debian\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "tests.debian", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), REQUIRED: required},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome in done.stdout
    assert ("needs no-such-program: apt-get install no-such-program" in done.stdout) or required


def test_the_list_of_ci_has_the_packages_of_all_programs_that_tests_name() -> None:
    listed = (ROOT / ".ci" / "run").read_text("utf-8").partition("packages=(")[2].partition("\n)")[0]
    packages = set(re.sub(r"#.*", "", listed).split())
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path == Path(__file__):
            continue
        for names in re.findall(r"mark\.debian\(([^)]*)\)", path.read_text("utf-8")):
            for name in re.findall(r'"([^"]+)"', names):
                assert PACKAGES.get(name, name) in packages, f"{path.name} needs {name}"


def test_programs_are_found_beside_the_path_of_ordinary_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert program("no-such-program") is None
    assert program("chroot") == "/usr/sbin/chroot"
