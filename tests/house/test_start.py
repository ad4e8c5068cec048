"""The start is fast: what `check` and `fmt` need is loaded, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("sqlalchemy", "alembic", "jinja2", "rich", "holidays", "croniter", "smtplib")


@pytest.mark.parametrize("arguments", [["check", "--project", "."], ["fmt", "--check", "--project", "."]], ids=["check", "fmt"])
def test_writing_commands_load_no_heavy_library(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "seqlang.toml").write_text('name = "small"\n', "utf-8")
    (tmp_path / "small.seq").write_text('list "Expo" of contact\n', "utf-8")
    loaded = f"print(*(m for m in {HEAVY!r} if m in sys.modules), file=sys.stderr)"
    program = f"import sys; from seqlang.cli.main import main; main({arguments!r}); {loaded}"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
