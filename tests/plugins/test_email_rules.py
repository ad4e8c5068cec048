"""MJML that no mail can be made of is told by `check`, at the step that uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from seqlang_email.rules import wrong_with

from seqlang.cli.main import main

GOOD = """<mjml>
<mj-body><mj-section><mj-column>
<mj-text>{{ contact.first_name }}</mj-text>
</mj-column></mj-section></mj-body></mjml>"""
BAD_HEAD = GOOD.replace("<mj-body>", "<mj-head>\n<mj-tile>x</mj-tile></mj-head><mj-body>")
FLOW = """
cadence "C" {
  owner "a@example.com"
  run daily at 09:00 in "UTC"
  step a: email on day 1 { template: TEMPLATE, subject: "Hi", unsubscribe: yes }
  exit when replied, unsubscribed
}
"""


@pytest.mark.parametrize(
    "template",
    [
        GOOD,
        f"---\nsubject: Hi\n---\n{GOOD}",
        GOOD.replace("<mj-text>", '{% if contact.title %}<mj-text color="{{ contact.title }}">{% else %}<mj-text>{% endif %}'),
        GOOD.replace("<mj-text>", "{% if a %}<mj-text>{% elif b %}<mj-text align='left'>{% else %}<mj-text>{% endif %}"),
        GOOD.replace("<mj-column>", '{% for x in "ab" %}<mj-column></mj-column>{% endfor %}<mj-column>'),
        GOOD.replace("<mj-column>", "<!-- <mj-colum> --><mj-column>"),
        GOOD.replace("<mj-text>", "<mj-text>{% set x = 1 %}{{ x }} "),
        "<mjml>{% if",  # no Jinja: told by another check
    ],
)
def test_sound_template_has_nothing_wrong(template: str) -> None:
    assert wrong_with(template) is None


@pytest.mark.parametrize(
    ("template", "code", "reason"),
    [
        (GOOD.removesuffix("</mjml>"), "MAIL101", "unexpected end of stream"),
        (GOOD.replace("mj-text", "mj-txt"), "MAIL101", "there is no element `mj-txt`"),
        (BAD_HEAD, "MAIL101", "unexpected element in line 3"),
        (f"---\nsubject: x\n---\n{BAD_HEAD}", "MAIL101", "unexpected element in line 6"),
        ("<p>Hello</p>", "MAIL101", "unexpected token in line 1"),
        ("", "MAIL101", "unable to find mjml element"),
        (GOOD.replace("</mjml>", "{% if contact.title %}</mjml>{% endif %}"), "MAIL102",
         "unexpected end of stream, for some recipients"),
        (GOOD.replace("<mj-text>", "{% if contact.title %}<mj-txt></mj-txt>{% endif %}<mj-text>"), "MAIL102",
         "there is no element `mj-txt`, for some recipients"),
        (GOOD.replace("<mj-text>", "{% if contact.title %}{% else %}<mj-txt></mj-txt>{% endif %}<mj-text>"), "MAIL102",
         "there is no element `mj-txt`, for some recipients"),
    ],
)  # fmt: skip
def test_broken_template_is_told_with_its_reason(template: str, code: str, reason: str) -> None:
    assert wrong_with(template) == (code, reason)


def checked(folder: Path, option: str, templates: dict[str, str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    (folder / "seqlang.toml").write_text('name = "x"\n', "utf-8")
    (folder / "x.seq").write_text(FLOW.replace("TEMPLATE", option), "utf-8")
    (folder / "templates").mkdir()
    for name, text in templates.items():
        (folder / "templates" / name).write_text(text, "utf-8")
    code = main(["check", "--project", str(folder), "--format", "concise"])
    return code, capsys.readouterr().out


def test_check_tells_of_a_broken_template_at_its_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = checked(tmp_path, '"a.mjml"', {"a.mjml": "<mjml>"}, capsys)
    assert code == 1
    assert "x.seq:5:38: error[MAIL101] the template `a.mjml` is no MJML: unexpected end of stream" in out


def test_check_tells_of_each_template_that_may_be_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    option = 'choose { "a.mjml" when email is empty; "B.MJML" otherwise }'
    code, out = checked(tmp_path, option, {"a.mjml": GOOD, "B.MJML": "<mjml>"}, capsys)
    assert (code, out.count("MAIL101"), "`B.MJML`" in out) == (1, 1, True)


def test_sound_template_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = checked(tmp_path, '"a.mjml"', {"a.mjml": GOOD, "unused.mjml": "<mjml>"}, capsys)
    assert (code, "MAIL10" in out) == (0, False)


def test_without_the_library_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mjml", None)
    assert checked(tmp_path, '"a.mjml"', {"a.mjml": "<mjml>"}, capsys)[0] == 0


@pytest.mark.parametrize(("name", "asked"), [("a.html", False), ("a.mjml", True)])
def test_plugin_is_not_loaded_for_projects_without_mjml(
    name: str, asked: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checked(tmp_path, f'"{name}"', {name: GOOD}, capsys)
    code = "import sys; from seqlang.cli.main import main; main(sys.argv[1:]); print('seqlang_email' in sys.modules)"
    command = [sys.executable, "-c", code, "check", "--no-cache", "--project", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.split()[-1] == str(asked)
