"""Comments that allow a warning, and levels of warnings in `seqlang.toml`."""

from __future__ import annotations

import pytest

from seqlang.diagnostics.source import Source
from seqlang.semantics.settings import read_settings
from seqlang.syntax.printer import format_source
from tests.semantics.reading import check, classic

MAIL = 'step b: email on day 3 { template: "b.html" }'
REASON = "these people asked for it"


def told(body: str, rules: str = "") -> list[str]:
    settings, wrong = read_settings(rules)
    assert wrong == ()
    found = check(classic(body), settings=settings).diagnostics
    return [f"{d.source.position(d.span.start)[0] - 7}:{d.code} {d.severity}" for d in found]


@pytest.mark.parametrize(
    "body",
    [
        f"{MAIL} # allow SEQ608: {REASON}",
        f"# allow SEQ608: {REASON}\n{MAIL}",
        f"# allow SEQ608: {REASON}\n# and more about it\n\n{MAIL}",
        f"{MAIL} # allow SEQ609, SEQ608: {REASON}\nstep c: email on day 3 {{ template: 'x' }}".replace(
            "'x'", '"x", unsubscribe: yes'
        ),
    ],
)
def test_a_comment_with_a_reason_allows_a_warning(body: str) -> None:
    assert "SEQ608" not in " ".join(told(body))


def test_a_comment_without_a_reason_allows_nothing_and_is_told() -> None:
    assert told(f"{MAIL} # allow SEQ608") == ["0:SEQ608 warning", "0:SEQ616 warning"]
    assert told(f"{MAIL} # allow SEQ608:") == ["0:SEQ608 warning", "0:SEQ616 warning"]


def test_a_comment_that_allows_nothing_is_told_at_its_code() -> None:
    checked = check(classic(f"step b: call on day 3 {{ }} # allow SEQ608, SEQ609: {REASON}"))
    assert [d.code for d in checked.diagnostics] == ["SEQ617", "SEQ617"]
    assert [d.source.text[d.span.start : d.span.end] for d in checked.diagnostics] == ["SEQ608", "SEQ609"]


@pytest.mark.parametrize("code", ["SEQ211", "SEQ699"])
def test_an_error_or_an_unknown_code_cannot_be_allowed(code: str) -> None:
    assert told(f"step b: call on day 3 {{ }} # allow {code}: {REASON}") == ["0:SEQ616 warning"]


def test_an_error_stays_whatever_a_comment_says() -> None:
    assert "0:SEQ211 error" in told(f"step b: call on day 3 when scor > 5 {{ }} # allow SEQ211: {REASON}")


def test_other_comments_that_begin_with_the_word_are_comments() -> None:
    assert told("step b: call on day 3 { } # allow some days for this") == []


def test_nothing_is_said_of_needless_comments_while_there_are_errors() -> None:
    body = f"step c: call on day 3 when scor > 5 {{ }}\n{MAIL} # allow SEQ608: {REASON}"
    assert told(body) == ["0:SEQ211 error"]


@pytest.mark.parametrize(("level", "found"), [("off", []), ("warning", ["0:SEQ608 warning"]), ("error", ["0:SEQ608 error"])])
def test_the_level_of_a_warning_is_the_projects(level: str, found: list[str]) -> None:
    assert told(MAIL, f'[rules]\nSEQ608 = "{level}"\n') == found


def test_a_warning_that_counts_as_an_error_can_still_be_allowed() -> None:
    assert told(f"{MAIL} # allow SEQ608: {REASON}", '[rules]\nSEQ608 = "error"\n') == []
    assert told(f"{MAIL} # allow SEQ608: {REASON}", '[rules]\nSEQ608 = "off"\n') == []


def test_a_project_whose_rules_make_errors_has_no_plan() -> None:
    settings, _ = read_settings('[rules]\nSEQ608 = "error"\n')
    assert check(classic(MAIL), settings=settings).plan is None


@pytest.mark.parametrize(
    ("line", "code"),
    [('SEQ211 = "off"', "SEQ802"), ('SEQ699 = "off"', "SEQ801"), ('SEQ608 = "on"', "SEQ802"), ("SEQ608 = 1", "SEQ802")],
)
def test_a_wrong_rule_is_told_at_its_line(line: str, code: str) -> None:
    _, (found,) = read_settings(f"[rules]\n{line}\n")
    assert found.code == code
    assert found.source.position(found.span.start)[0] == 2


def test_rules_of_plugins_have_levels_too() -> None:
    settings, wrong = read_settings('[rules]\nACME101 = "off"\n')
    assert wrong == ()
    assert settings.rules == {"ACME101": "off"}


LAID_OUT = f"""
step b: email on day 3 when created_at in the last 3 days and phone is empty and title contains "something rather long" {{
  text: "Your data has moved, and this text is rather long, too",
  subject: "Your data"
}} # allow SEQ608: {REASON}
# allow SEQ608: {REASON}
step c: email on day 4
  when phone is empty {{ text: "Your data has moved, and this text is rather long", subject: "Your data, once more" }}
"""


def test_a_comment_counts_however_the_formatter_lays_its_statement_out() -> None:
    text = classic(LAID_OUT)
    assert [d.code for d in check(text).diagnostics] == []
    written = format_source(Source("a.seq", text)).text
    assert written != text
    assert [d.code for d in check(written).diagnostics] == []


def test_a_comment_before_a_flow_is_about_its_head_alone() -> None:
    checked = check(f"# allow SEQ608: {REASON}\n{classic(MAIL).strip()}")
    assert [d.code for d in checked.diagnostics] == ["SEQ617", "SEQ608"]
