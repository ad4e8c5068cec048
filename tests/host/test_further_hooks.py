"""Rules, sources, inboxes and conditions of plugins: one that raises, hangs or says nonsense is named, and the others go on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from seqlang.errors import NotFoundError, PluginError
from seqlang.host import Host, host, load
from seqlang.host.aside import printing_aside
from seqlang.sdk import LintProject, MailboxSettings, SourceSettings
from seqlang.vocabulary.settings import ProjectSettings
from tests.host.test_load import install as install  # noqa: PLC0414  a fixture

Install = Callable[..., None]
RULE = 'sdk = "1.1"\n[[rules]]\ncode = "{code}"\ntitle = "something"\n'
PROJECT = LintProject("p", None, (), {})


def loaded(*names: str) -> Host:
    return load(ProjectSettings(plugins=names))


def lint(body: str) -> str:
    return f"from seqlang.sdk import LintFinding, hookimpl\n@hookimpl\ndef lint(project):\n    {body}\n"


def test_rules_of_several_plugins_are_asked(install: Install) -> None:
    install("one", lint('return [LintFinding("ONE1", "a", "F")]'), RULE.format(code="ONE1"))
    install("two", lint('yield LintFinding("TWO1", "b", "F")'), RULE.format(code="TWO1"))
    found, problems = loaded("one", "two").lint(PROJECT)
    assert [f.code for f in found] == ["ONE1", "TWO1"]
    assert problems == ()


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("raise KeyError('boom')", "KeyError"),
        ("raise SystemExit(0)", "failed: SystemExit: 0"),
        ("raise KeyboardInterrupt", "failed: KeyboardInterrupt"),
        ("raise GeneratorExit", "failed: GeneratorExit"),
        ("import asyncio; raise asyncio.CancelledError('x')", "failed: CancelledError: x"),
        ("return 5", "TypeError"),
        ("import threading; threading.Event().wait(60)", "did not answer within 0.2 seconds"),
        ("return [LintFinding('OTHER1', 'a', 'F')]", "`OTHER1`"),
        ("return ['text']", "`str`"),
    ],
    ids=["raises", "leaves", "interrupts", "closes", "cancels", "no list", "hangs", "foreign code", "no finding"],
)
def test_rule_that_fails_is_named_and_the_others_are_asked(
    install: Install, monkeypatch: pytest.MonkeyPatch, body: str, part: str
) -> None:
    monkeypatch.setattr(host, "LINT_SECONDS", 0.2)
    install("bad", lint(body), RULE.format(code="BAD1"))
    install("good", lint('return [LintFinding("GOOD1", "a", "F")]'), RULE.format(code="GOOD1"))
    found, problems = loaded("bad", "good").lint(PROJECT)
    assert [f.code for f in found] == ["GOOD1"]
    (problem,) = problems
    assert problem.plugin == "bad"
    assert part in problem.reason


def test_plugin_without_rules_is_not_run(install: Install) -> None:
    install("quiet", "raise SystemExit('nobody may run me')", 'sdk = "1.1"\n')
    assert loaded("quiet").lint(PROJECT) == ((), ())


@pytest.mark.parametrize("code", ["SEQ999", "one1", "X"])
def test_code_of_a_rule_is_the_plugins_own(install: Install, code: str) -> None:
    install("bad", "", RULE.format(code=code))
    (problem,) = loaded("bad").problems
    assert f"`{code}`" in problem.reason


def test_code_that_two_plugins_claim_stays_with_the_first(install: Install) -> None:
    install("a", "", RULE.format(code="ACME1"))
    install("b", "", RULE.format(code="ACME1"))
    assert [str(p) for p in loaded("a", "b").problems] == ["plugin `b`: its rule `ACME1` is already that of the plugin `a`"]


SOURCE = 'sdk = "1.1"\n[[sources]]\nword = "sheet"\nhelp = "A sheet"\n'


def source(body: str) -> str:
    return f"from seqlang.sdk import hookimpl\n@hookimpl\ndef open_source(kind, settings):\n    {body}\n"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("raise ValueError('`sheet` is missing')", "`sheet` is missing"),
        ("raise KeyError('x')", "failed: KeyError"),
        ("import sys; sys.exit(0)", "`sheet` failed: SystemExit: 0"),
        ("return None", "does not open the source"),
        ("import threading; threading.Event().wait(60)", "did not answer"),
    ],
)
def test_source_that_cannot_be_opened_is_told(
    install: Install, monkeypatch: pytest.MonkeyPatch, body: str, part: str
) -> None:
    monkeypatch.setattr(host, "CHANNEL_OPEN_SECONDS", 0.2)
    install("sheet", source(body), SOURCE)
    with pytest.raises(PluginError, match=part.replace("`", ".")):
        loaded("sheet").open_source("sheet", SourceSettings("sheet", "x"))


def test_source_that_nobody_brings_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="`sheet`"):
        loaded().open_source("sheet", SourceSettings("sheet", "x"))


def test_inbox_of_a_channel_that_has_none_is_none(install: Install) -> None:
    channel = '[[channels]]\nword = "w"\nhelp = "x"\neffect = "message"\noptions = []\ninbox = true\n'
    install("w", "", f'sdk = "1.1"\n{channel}')
    assert loaded("w").open_inbox("w", MailboxSettings("w", "default")) is None
    assert loaded().open_inbox("w", MailboxSettings("w", "default")) is None


def sheet_project(folder: Path) -> Path:
    """Return a project, applied, that has people from a source of the kind `sheet`."""
    from seqlang.cli.main import main

    project = folder / "project"
    project.mkdir()
    (project / "seqlang.toml").write_text('name = "p"\n[sources.people]\nkind = "sheet"\n', "utf-8")
    (project / "p.seq").write_text("", "utf-8")
    assert main(["apply", "--yes", "--project", str(project)]) == 0
    return project


@pytest.fixture
def hanging(install: Install, tmp_path: Path) -> None:
    """A source that yields one row, and then nothing, for ever."""
    code = """
        import threading
        from seqlang.sdk import SourceBatch, SourceRow, hookimpl

        class Sheet:
            def read(self, mark):
                yield SourceBatch(("email",), (SourceRow("row 1", {"email": "kim@x.example"}),), "1")
                threading.Event().wait(60)

            def close(self): ...

        @hookimpl
        def open_source(kind, settings):
            return Sheet()
    """
    install("sheet", dedent(code), SOURCE)


@pytest.mark.slow
def test_source_that_hangs_is_given_up_and_keeps_what_it_gave(
    hanging: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqlang import limits
    from seqlang.cli.main import main

    monkeypatch.setattr(limits, "SOURCE_READ_SECONDS", 0.3)
    project = sheet_project(tmp_path)
    assert main(["source", "read", "--project", str(project)]) == 1
    assert "did not answer within 0.3 seconds" in capsys.readouterr().err
    assert main(["list", "contact", "--project", str(project)]) == 0
    assert "kim@x.example" in capsys.readouterr().out


@pytest.mark.parametrize(
    "read",
    ["yield 1 / 0 if mark else exit(0)", "raise SystemExit(0)", "raise KeyboardInterrupt"],
    ids=["in the middle", "at once", "interrupts"],
)
def test_source_that_leaves_the_program_is_told_by_name(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str], read: str
) -> None:
    from seqlang.cli.main import main

    code = f"""
        from sys import exit
        from seqlang.sdk import hookimpl

        class Sheet:
            def read(self, mark): {read}
            def close(self): exit(0)

        @hookimpl
        def open_source(kind, settings): return Sheet()
    """
    install("sheet", code, SOURCE)
    project = sheet_project(tmp_path)
    assert main(["source", "read", "--project", str(project)]) == 1
    told = capsys.readouterr().err
    assert "source `people`" in told
    assert ("KeyboardInterrupt" if "Keyboard" in read else "SystemExit: 0") in told


def test_check_goes_on_where_a_rule_leaves_the_program(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqlang.cli.main import main

    install("bad", lint("import sys; sys.exit(0)"), RULE.format(code="BAD1"))
    project = made(tmp_path, "sequence that is none\n")
    assert main(["check", "--project", project]) == 1
    said = capsys.readouterr()
    assert "1 error" in said.out
    assert "plugin `bad`: the plugin `bad` failed: SystemExit: 0" in said.err


def test_what_a_plugin_prints_stays_out_of_the_document(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqlang.cli.main import main

    install("chatty", "print('imported')\n" + lint("print('looking'); return ()"), RULE.format(code="CHAT1"))
    assert main(["check", "--format", "json", "--project", made(tmp_path, "")]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["diagnostics"] == []
    assert said.err == "imported\nlooking\n"


def test_stdout_comes_back_when_the_last_of_several_blocks_ends(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = printing_aside(), printing_aside()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    sys.stdout.write("aside")
    other.__exit__(None, None, None)
    sys.stdout.write("the document")
    assert capsys.readouterr() == ("the document", "aside")


def test_mailbox_of_a_plugin_whose_manifest_is_broken_is_no_mistake(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqlang.cli.main import main

    install("pager", "", 'sdk = "1.1"\n[[channels]\n')
    project = made(tmp_path, "")
    with (Path(project) / "seqlang.toml").open("a", encoding="utf-8") as file:
        file.write('[channels.pager.default]\nurl = { env = "PAGER" }\n')
    assert main(["check", "--format", "concise", "--project", project]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("seqlang.toml:2:11: warning")
    assert "the plugin `pager` is left out, and may bring it" in said.out
    assert "plugin `pager`: its `seqlang-plugin.toml` is not TOML" in said.err


FUNCTION = """
sdk = "1.1"
[[functions]]
name = "acme.free mail"
record = "contact"
where = '''{where}'''
"""
SEQ = """\
classic sequence "Free" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  audience { where in view "acme.free mail" }
  step look: task on day 1 { title: "Look" }
  exit when finished
}
"""


def made(folder: Path, seq: str) -> str:
    project = folder / "project"
    project.mkdir()
    (project / "seqlang.toml").write_text('name = "p"\n', "utf-8")
    (project / "p.seq").write_text(seq, "utf-8")
    (project / "people.csv").write_text("email\nkim@gmail.com\nlou@acme.example\n", "utf-8")
    return str(project)


def test_condition_of_a_plugin_is_asked_as_one_of_the_files_own(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqlang.cli.main import main

    install("acme", "raise SystemExit('nobody may run me')", FUNCTION.format(where='email ends with "@gmail.com"'))
    project = made(tmp_path, SEQ)
    assert main(["check", "--strict", "--project", project]) == 0, capsys.readouterr().out
    span = ["--from", "2026-03-02T00:00", "--until", "2026-03-03T00:00"]
    assert main(["simulate", "--project", project, "--contacts", f"{project}/people.csv", *span, "--format", "json"]) == 0
    told = capsys.readouterr().out
    assert "kim@gmail.com" in told
    assert "lou@acme.example" not in told


def test_condition_that_does_not_fit_the_project_is_told_where_it_stands(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqlang.cli.main import main

    install("acme", "", FUNCTION.format(where="scroe > 5"))
    assert main(["check", "--project", made(tmp_path, SEQ)]) == 1
    told = capsys.readouterr().out
    assert "plugin condition acme.free mail:1" in told
    assert "`scroe`" in told


def test_condition_that_nobody_asks_for_is_not_looked_at(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqlang.cli.main import main

    install("acme", "", FUNCTION.format(where="scroe > 5"))
    assert main(["check", "--project", made(tmp_path, 'list "Fair" of contact\n')]) == 0, capsys.readouterr().out
