"""init, check, fmt, test, clone, plugin list: a person writes a project."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.acceptance.conftest import Cli


def test_a_new_project_passes_its_own_check_layout_and_tests(no_project: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    said = cli("init", "outreach")
    assert "outreach/seqlang.toml" in said.out.splitlines()
    monkeypatch.chdir(no_project / "outreach")
    assert cli("check", "--strict").out.strip().endswith("nothing wrong")
    cli("fmt", "--check")
    assert cli("test").out.count("ok  ") == 3
    assert (no_project / "outreach/.github/workflows/seqlang.yml").is_file()
    assert (no_project / "outreach/.pre-commit-config.yaml").is_file()
    played = cli("simulate", "--contacts", "contacts.csv", "--from", "2026-03-02", "--until", "2026-03-16", "--format", "json")
    assert {r["contact"] for r in played.rows} == {"kim@acme.example", "max@bolt.example"}


def test_init_where_a_project_is_writes_nothing(no_project: Path, cli: Cli) -> None:
    cli("init", "outreach")
    said = cli("init", "outreach", code=1)
    assert "there is a project" in said.err
    (no_project / "file").write_text("x", encoding="utf-8")
    cli("init", "file", code=2)


def test_check_counts_and_places_what_is_wrong(project: Path, cli: Cli) -> None:
    text = (project / "leads.seq").read_text(encoding="utf-8")
    (project / "leads.seq").write_text(text.replace("score >= 20", "scoer >= 20"), encoding="utf-8")
    said = cli("check", "--format", "json", code=1)
    document = said.json
    assert (document["files"], document["errors"]) == (1, 1)
    found = next(d for d in document["diagnostics"] if d["severity"] == "error")
    assert found["path"] == "leads.seq"
    line = text.splitlines()[found["line"] - 1].replace("score", "scoer")
    assert line[found["column"] - 1 : found["end_column"] - 1] == "scoer"
    assert "score" in found["fix"]
    assert "did you mean `score`?" in cli("check", code=1).out


def test_check_of_one_file_leaves_the_others_out(project: Path, cli: Cli) -> None:
    (project / "other.seq").write_text("view broken\n", encoding="utf-8")
    assert cli("check", "leads.seq").out
    assert cli("check", "other.seq", "--format", "json", code=1).json["files"] == 1
    assert "no file or folder" in cli("check", "none.seq", code=2).err


def test_strict_makes_warnings_errors(project: Path, cli: Cli) -> None:
    (project / "more.seq").write_text('view "Nobody asks" of contact where score > 1\n', encoding="utf-8")
    assert cli("check", "--format", "json").json["warnings"] >= 1
    assert cli("check", "--strict", "--format", "json", code=1).json["errors"] >= 1


@pytest.mark.parametrize("layout", ["text", "concise", "json", "sarif", "github", "gitlab", "junit"])
def test_every_face_of_check_is_printed(project: Path, cli: Cli, layout: str) -> None:
    (project / "other.seq").write_text("view broken\n", encoding="utf-8")
    said = cli("check", "--format", layout, code=1)
    assert "other.seq" in said.out
    if layout == "junit":
        assert ET.fromstring(said.out).find(".//failure") is not None  # noqa: S314 - our own text
    if layout == "sarif":
        assert said.json["version"] == "2.1.0"
        assert said.json["runs"][0]["results"][0]["locations"]


def test_a_file_that_is_no_text_is_a_mistake_and_a_missing_project_is_one_line(project: Path, cli: Cli) -> None:
    (project / "latin.seq").write_bytes(b'view "Z\xfcrich" of contact where score > 1\n')
    found = cli("check", "--format", "json", code=1).json["diagnostics"]
    assert [(d["path"], d["line"], d["column"]) for d in found if d["severity"] == "error"] == [("latin.seq", 1, 8)]
    assert "no project folder" in cli("check", "--project", "none", code=2).err


def test_an_unreadable_template_is_an_error_at_its_place(project: Path, cli: Cli) -> None:
    (project / "templates/hello.html").write_bytes(b"Hello \xff")
    found = cli("check", "--format", "json", code=1).json["diagnostics"]
    assert any("hello.html" in d["message"] for d in found)
    assert "hello.html" in cli("apply", "--yes", code=1).err


def test_settings_with_a_mistake_stop_what_works_on_data(project: Path, cli: Cli) -> None:
    (project / "seqlang.toml").write_text('name = "x"\ntimezon = "UTC"\n', encoding="utf-8")
    found = cli("check", "--format", "json", code=1).json["diagnostics"]
    assert any(d["path"] == "seqlang.toml" and d["line"] == 2 for d in found)
    assert "seqlang.toml:2" in cli("status", code=2).err


def test_fmt_writes_prints_and_proves(project: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("fmt", "--check", code=0 if cli("fmt", code=None).code == 0 else 1)
    path = project / "leads.seq"
    clean = path.read_text(encoding="utf-8")
    path.write_text(clean.replace('  owner "ana', 'owner    "ana'), encoding="utf-8")
    assert "would change" in cli("fmt", "--check", code=1).err
    assert "-owner" in cli("fmt", "--diff", code=1).out
    assert cli("fmt").out.strip() == "leads.seq"
    assert path.read_text(encoding="utf-8") == clean
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'view   "V"  of contact where score>1'), encoding="utf-8"))
    assert cli("fmt", "-").out == 'view "V" of contact where score > 1\n'


def test_fmt_leaves_a_broken_file_alone(project: Path, cli: Cli) -> None:
    (project / "broken.seq").write_text("classic sequence {\n", encoding="utf-8")
    assert "broken.seq" in cli("fmt", code=1).err
    assert (project / "broken.seq").read_text(encoding="utf-8") == "classic sequence {\n"


def test_a_failed_test_shows_the_timeline_beside_what_was_expected(project: Path, cli: Cli) -> None:
    (project / "tests.seq").write_text(
        'test "wrong" {\n  sequence "Leads"\n  start 2026-03-02T08:00\n  contact kim { email: "kim@x.example", score: 30 }\n'
        "  on day 1 expect nothing to kim\n}\n"
        'test "right" {\n  sequence "Leads"\n  start 2026-03-02T08:00\n  contact kim { email: "kim@x.example", score: 30 }\n'
        "  on day 1 expect hello to kim\n  on day 2 expect ring to kim\n}\n",
        encoding="utf-8",
    )
    said = cli("test", "--junit", "report.xml", "--coverage", code=1)
    assert "but hello by email at 2026-03-02 09:30" in said.out
    assert "timeline of kim:" in said.out
    assert "step `draft` is never reached" in said.out
    report = ET.parse("report.xml").getroot()  # noqa: S314 - our own text
    assert [c.get("name") for c in report.iter("testcase")] == ["wrong", "right"]
    assert len(list(report.iter("failure"))) == 1
    assert cli("test", "-k", "right").out.startswith("ok")


@pytest.mark.slow
def test_pytest_collects_the_test_blocks(no_project: Path, cli: Cli) -> None:
    cli("init", "outreach")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(no_project / "outreach")],
        capture_output=True, text=True, check=False, cwd=no_project,
    )  # fmt: skip
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_clone_writes_the_copy_below_the_original(project: Path, cli: Cli) -> None:
    said = cli("clone", "Leads", "Leads, again")
    text = (project / "leads.seq").read_text(encoding="utf-8")
    assert text.index('sequence "Leads"') < text.index('sequence "Leads, again"') < text.index('cadence "Quotes"')
    assert said.out.startswith("leads.seq:")
    cli("check")
    assert "already" in cli("clone", "Leads", "Quotes", code=1).err
    assert "did you mean `Leads`?" in cli("clone", "Lead", "X", code=2).err


def test_plugins_are_listed_with_their_options(project: Path, cli: Cli) -> None:
    listed = {p["name"]: p for p in cli("plugin", "list", "--format", "json").json}
    words = {c["word"] for p in listed.values() for c in p["channels"]}
    assert {"email", "email_reminder", "notify", "call", "task"} <= words
    assert "reply_to_step" in cli("plugin", "list").out


def test_every_command_has_help_with_an_example(cli: Cli) -> None:
    from seqlang.cli.main import COMMANDS

    for name in COMMANDS:
        shown = cli(name, "--help").out
        assert "Example" in shown, name
        assert "\\b" not in shown, name
    for words in (
        ("todo", "done"),
        ("todo", "edit"),
        ("todo", "release"),
        ("outbox", "settle"),
        ("db", "upgrade"),
        ("db", "check"),
    ):
        assert "Example" in cli(*words, "--help").out


@pytest.mark.parametrize(
    "args", [["chek"], ["check", "--strct"], ["check", "--format", "yaml"], ["start"], ["todo", "done", "x"]]
)
def test_wrong_usage_is_one_line_and_exit_code_two(project: Path, cli: Cli, args: list[str]) -> None:
    said = cli(*args, code=None)
    assert said.code == 2
    assert said.out == ""


def test_a_code_is_explained_with_examples(cli: Cli) -> None:
    said = cli("explain", "seq211")
    assert said.out.startswith("SEQ211 (error):")
    assert "right:" in said.out
    assert cli("explain", "SEQ211", "--format", "json").json["code"] == "SEQ211"
    assert "no diagnostic" in cli("explain", "SEQ999", code=2).err
