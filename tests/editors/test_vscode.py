"""The VS Code extension: its own tests under node, and its package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENOTCACHED", "network")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    given = [sys.executable, "-m", "seqlang.cli.main"]
    environment = os.environ | {"SEQLANG_COMMAND": json.dumps(given), "SEQLANG_ROOT": str(ROOT), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs node and npm: apt-get install nodejs npm")
def test_the_extension_passes_its_tests_and_is_packaged(tmp_path: Path) -> None:
    folder = tmp_path / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "*.vsix"))
    done = run(folder, "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund")
    if done.returncode and any(word in done.stderr for word in NO_NETWORK):
        pytest.skip("npm can fetch nothing here")
    assert done.returncode == 0, done.stderr
    done = run(folder, "npm", "test")
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(folder, "npm", "run", "package")
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(folder / "seqlang.vsix") as package:
        names = set(package.namelist())
    wanted = ("package.json", "extension.js", "language-configuration.json", "syntaxes/seq.tmLanguage.json", "snippets/seq.json")
    assert {f"extension/{name}" for name in wanted} <= names
    assert "extension/node_modules/vscode-languageclient/package.json" in names
    assert not any("node_modules/@vscode/vsce" in name or "/test/parts" in name for name in names)
