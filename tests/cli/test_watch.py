"""`check --watch` looks again whenever a file changes, and outlives whatever it finds."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

SECONDS_MAX = 60.0  # a watcher that says nothing is ended


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "seqlang.toml").write_text('name = "p"\n', "utf-8")
    (tmp_path / "one.seq").write_text('list "Expo" of contact\n', "utf-8")
    return tmp_path


@pytest.fixture
def watcher(project: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "seqlang.cli.start", "check", "--watch", "--format", "concise", "one.seq"]
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env={**os.environ, "PYTHONUNBUFFERED": "1"})
    timer = threading.Timer(SECONDS_MAX, process.kill)
    timer.start()
    yield process
    timer.cancel()
    process.kill()
    process.communicate()


def until(watcher: subprocess.Popen[str], word: str) -> str:
    """Read on until a line has the word; return all that was read."""
    assert watcher.stdout is not None
    read = ""
    for line in watcher.stdout:
        read += line
        if word in line:
            return read
    raise AssertionError(f"`{word}` was never said, but: {read}")


@pytest.mark.slow
def test_watcher_tells_of_a_mistake_a_mend_and_a_file_that_is_gone(watcher: subprocess.Popen[str], project: Path) -> None:
    file = project / "one.seq"
    assert "1 warning" in until(watcher, "watching")
    file.write_text("lst\n", "utf-8")
    assert ": error[" in until(watcher, "watching")
    file.unlink()
    assert "one.seq" in until(watcher, "watching")
    file.write_text('list "Expo" of contact\n', "utf-8")
    assert "1 warning" in until(watcher, "watching")
