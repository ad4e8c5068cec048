"""The start is fast: what `check` and `fmt` need is loaded, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "sqlalchemy", "alembic", "jinja2", "rich", "holidays", "croniter", "smtplib", "pydantic", "pluggy", "lark", "pygls",
    "importlib.metadata",
)  # fmt: skip
# Each of these takes as long as checking a small file does.
NOT_FOR_CHECK = (*HEAVY, "click", "dataclasses", "inspect", "difflib", "json", "email", "seqlang.sdk.messages", "seqlang_email")
NOT_FOR_THE_SAME_AGAIN = (*NOT_FOR_CHECK, "seqlang.semantics", "seqlang.syntax.tree", "seqlang.host", "tomllib")
FLOW = """classic sequence "Hello" {
  owner "ana@example.com"
  run daily at 10:00
  audience { where email is not empty }
  step hello: email on day 1 { template: "hello.html" }
  step ring: call on day 2 { script: "ask {{ contact.first_name | default('whoever') }}" }
}
"""


def loaded(arguments: list[str], folder: Path, watched: tuple[str, ...]) -> str:
    """Run a command in a process of its own; return which of the watched modules it has loaded."""
    told = f"print(*(m for m in {watched!r} if m in sys.modules), file=sys.stderr)"
    program = f"import sys; from seqlang.cli.start import main; main({arguments!r}); {told}"
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLANG_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "small"
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "hello.html").write_text(
        "<title>Hello</title>{% if contact.first_name %}<p>Hello {{ contact.first_name }}</p>{% endif %}\n", "utf-8"
    )
    (folder / "seqlang.toml").write_text('name = "small"\n', "utf-8")
    (folder / "small.seq").write_text(FLOW, "utf-8")
    return folder


def test_fmt_loads_no_heavy_library(project: Path) -> None:
    arguments = ["fmt", "--check", "--project", "."]
    loaded(arguments, project, HEAVY)  # what is kept for the next time is made
    assert loaded(arguments, project, HEAVY) == ""


def test_check_loads_what_it_needs_and_less_the_second_time(project: Path) -> None:
    assert subprocess.run([sys.executable, "-m", "seqlang.cli.start", "check"], cwd=project, check=False).returncode == 0
    assert loaded(["check", "--no-cache"], project, NOT_FOR_CHECK) == ""
    assert loaded(["check"], project, NOT_FOR_THE_SAME_AGAIN) == ""
