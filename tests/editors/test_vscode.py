"""The VS Code extension: its own tests under node, against the real server, and its package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from seqlang.editing.vsix import FOLDER, pack

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / FOLDER
NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENOTCACHED", "network")
SCHEMA = "{http://schemas.microsoft.com/developer/vsx-schema/2011}"


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    given = [sys.executable, "-m", "seqlang.cli.main"]
    environment = os.environ | {"SEQLANG_COMMAND": json.dumps(given), "SEQLANG_ROOT": str(ROOT), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


def unpacked(folder: Path) -> Path:
    """Return the folder of the extension as it is installed: from its package."""
    pack(EXTENSION, folder / "seqlang.vsix")
    with zipfile.ZipFile(folder / "seqlang.vsix") as package:
        package.extractall(folder)
    return folder / "extension"


def test_the_package_has_what_its_manifests_name_and_nothing_else(tmp_path: Path) -> None:
    names = pack(EXTENSION, tmp_path / "seqlang.vsix")
    with zipfile.ZipFile(tmp_path / "seqlang.vsix") as package:
        assert package.testzip() is None
        assert tuple(package.namelist()) == names
        manifest = ET.fromstring(package.read("extension.vsixmanifest"))  # noqa: S314  # our own
        types = ET.fromstring(package.read("[Content_Types].xml"))  # noqa: S314
        said = json.loads(package.read("extension/package.json"))
    identity = manifest.find(f"{SCHEMA}Metadata/{SCHEMA}Identity")
    assert identity is not None
    assert [identity.get(key) for key in ("Id", "Version", "Publisher")] == [said["name"], said["version"], said["publisher"]]
    assert {asset.get("Path") for asset in manifest.iter(f"{SCHEMA}Asset")} <= set(names)
    known = {str(one.get("Extension")) for one in types}
    assert {Path(name).suffix for name in names if name != "[Content_Types].xml"} == known
    contributes = said["contributes"]
    named = [said["main"], contributes["languages"][0]["configuration"]]
    named += [one["path"] for key in ("grammars", "snippets") for one in contributes[key]]
    assert {f"extension/{name.removeprefix('./')}" for name in named} <= set(names)
    assert not [name for name in names if "test" in name or "node_modules" in name]
    assert "dependencies" not in said


def test_packing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.vsix", "other.vsix"):
        pack(EXTENSION, tmp_path / name)
    assert (tmp_path / "one.vsix").read_bytes() == (tmp_path / "other.vsix").read_bytes()


@pytest.mark.slow
@pytest.mark.debian("node")
def test_the_packaged_extension_talks_with_the_server(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    shutil.copytree(EXTENSION / "test", folder / "test")
    done = run(folder, "node", "--test", "test/parts.test.js", "test/server.test.js")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm: the engine of VS Code for grammars comes from its registry")
def test_the_engine_of_vs_code_colours_every_example(tmp_path: Path) -> None:
    folder = tmp_path / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "*.vsix"))
    done = run(folder, "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund")
    if done.returncode and any(word in done.stderr for word in NO_NETWORK):
        pytest.skip("npm can fetch nothing here")
    assert done.returncode == 0, done.stderr
    done = run(folder, "node", "--test", "test/grammar.test.js")
    assert done.returncode == 0, done.stdout + done.stderr
