"""`plugin list`: options and settings of what can be used, and the reason of what cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seqlang.cli.main import main
from tests.host.test_load import Install
from tests.host.test_load import install as install  # noqa: PLC0414  a fixture

MANIFEST = """
sdk = "1.1"
help = "Pages people"
[[channels]]
word = "pager"
help = "A page"
effect = "message"
options = [{ name = "level", type = "word", words = ["low", "high"], default = "low", help = "How loud" }]
settings = [
  { name = "url", type = "secret", required = true, help = "Where the pager is" },
  { name = "timeout_seconds", type = "number", help = "How long it may take" },
]
[[sources]]
word = "rota"
help = "Who is on duty"
every_seconds = 60
settings = [{ name = "file", type = "text", required = true, help = "The file" }]
"""
HOOKS = {"open_channel": "word, mailbox, dry_run", "open_source": "kind, settings"}


def code_with(*hooks: str) -> str:
    """Return the code of a plugin with these hooks."""
    return "from seqlang.sdk import hookimpl\n" + "".join(f"@hookimpl\ndef {hook}({HOOKS[hook]}): ...\n" for hook in hooks)


CODE = code_with(*HOOKS)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "seqlang.toml").write_text('name = "p"\nplugins = ["pager"]\n', "utf-8")
    return folder


def as_data(project: Path, capsys: pytest.CaptureFixture[str], code: int) -> dict[str, Any]:
    assert main(["plugin", "list", "--format", "json", "--project", str(project)]) == code
    (found,) = json.loads(capsys.readouterr().out)
    return dict(found)


def as_text(project: Path, capsys: pytest.CaptureFixture[str], code: int) -> str:
    assert main(["plugin", "list", "--project", str(project)]) == code
    return capsys.readouterr().out


def test_settings_of_channels_and_sources_are_shown(install: Install, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install("pager", CODE, MANIFEST)
    said = as_text(project, capsys, 0)
    assert "timeout_seconds  number  How long it may take" in said
    assert "url *            secret  Where the pager is" in said
    assert "source rota, read every 60 seconds: Who is on duty" in said
    assert "file *   text  The file" in said


def test_kinds_and_choices_are_data(install: Install, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install("pager", CODE, MANIFEST)
    found = as_data(project, capsys, 0)
    (channel,), (source,) = found["channels"], found["sources"]
    (level,) = channel["options"]
    assert (level["type"], level["kind"], level["choices"]) == ("word (low, high)", "word", ["low", "high"])
    settings = [(s["name"], s["kind"], s["required"], s["help"]) for s in channel["settings"]]
    assert settings == [
        ("url", "secret", True, "Where the pager is"), ("timeout_seconds", "number", False, "How long it may take"),
    ]  # fmt: skip
    assert (source["word"], source["every_seconds"], source["settings"][0]["name"]) == ("rota", 60, "file")
    assert found["further"] == [{"kind": "source", "name": "rota", "help": "Who is on duty"}]
    assert (found["left_out"], found["problem"], found["lacking"]) == (False, None, [])


def test_plugin_that_is_left_out_is_shown_with_the_reason_and_nothing_else(
    install: Install, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install("pager", "import sys\nsys.exit(0)", MANIFEST)
    said = as_text(project, capsys, 1)
    assert said.split("\n", 2)[1] == "  left out: it failed on import: SystemExit: 0"
    assert "level" not in said
    assert as_data(project, capsys, 1)["left_out"] is True


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ("open_source", "its manifest has the channel `pager`, and its code has no hook `open_channel`"),
        ("open_channel", "its manifest has the source `rota`, and its code has no hook `open_source`"),
    ],
)
def test_plugin_without_the_code_for_its_manifest_is_broken(
    install: Install, project: Path, capsys: pytest.CaptureFixture[str], there: str, told: str
) -> None:
    install("pager", code_with(there), MANIFEST)
    assert f"  broken: {told}\n" in as_text(project, capsys, 1)
    assert as_data(project, capsys, 1)["lacking"] == [told]


def test_bundled_plugins_have_the_code_for_their_manifests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["call", "csv", "email", "freshsales", "salesmate", "sms", "sql", "task", "webhook"]
    (tmp_path / "seqlang.toml").write_text(f'name = "p"\nplugins = {json.dumps(names)}\n', "utf-8")
    assert main(["plugin", "list", "--format", "json", "--project", str(tmp_path)]) == 0
    assert [p["name"] for p in json.loads(capsys.readouterr().out)] == names
