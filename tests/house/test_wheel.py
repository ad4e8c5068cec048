"""The wheel: `pip install .` into a fresh environment gives a working program, its grammar and its plugins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command away from the checkout and return what it printed; fails with all that it said."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SEQLANG_"))}
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=kept, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` folder of a fresh environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    wheel = next(folder.glob("seqlang-*.whl"))
    venv.create(folder / "env", with_pip=True)
    binaries = folder / "env" / "bin"
    call(binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=folder)
    return binaries


def test_fresh_install_checks_a_new_project(installed: Path, tmp_path: Path) -> None:
    call(installed / "seqlang", "init", tmp_path / "outreach", cwd=tmp_path)
    told = json.loads(call(installed / "seqlang", "check", "--format", "json", cwd=tmp_path / "outreach"))
    assert (told["errors"], told["files"] > 0) == (0, True)


def test_fresh_install_has_the_bundled_plugins(installed: Path, tmp_path: Path) -> None:
    told = call(installed / "seqlang", "plugin", "list", cwd=tmp_path)
    assert [name for name in ("call", "email", "freshsales", "salesmate", "sms", "task", "webhook") if name not in told] == []


def test_fresh_install_carries_the_grammar_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    place = call(installed / "python", "-c", "import seqlang.syntax as s; print(s.__path__[0])", cwd=tmp_path).strip()
    assert ROOT not in Path(place).parents
    assert (Path(place) / "seq.lark").read_bytes() == (ROOT / "grammar" / "seq.lark").read_bytes()
