"""Rules, limits and channels of plugins in `seqlang.toml`: what nobody brings is told, and who may that is left out."""

from __future__ import annotations

import pytest

from seqlang.diagnostics.source import Source
from seqlang.frozen import replace
from seqlang.semantics.check import check_project
from seqlang.semantics.settings import read_settings
from seqlang.vocabulary.plugging import RuleSpec
from seqlang.vocabulary.policies import PolicyLimit, PolicySpec
from tests.semantics.reading import project

ACME = PolicySpec(name="acme.small", limits=(PolicyLimit(name="mails", what="emails", count=40),))


def told(toml: str, *left_out: str, seq: str = "") -> list[tuple[str, str, str, str, str | None]]:
    """Return code, severity, place, message and hint of what is told of the settings (and the file)."""
    settings, diagnostics = read_settings(toml)
    text = project(seq, settings=settings)
    rules, policies = (RuleSpec(code="ACME101", title="x"),), (*text.words.policies, ACME)
    words = replace(text.words, rules=rules, policies=policies, left_out=left_out)
    text = replace(text, words=words, diagnostics=diagnostics, settings_source=Source("seqlang.toml", toml))
    found = check_project(text).diagnostics
    return [(d.code, d.severity, d.source.text[d.span.start : d.span.end], d.message, d.hint) for d in found]


def test_rule_that_nobody_brings_is_told_with_the_one_that_is_meant() -> None:
    assert told('[rules]\nACME11 = "off"') == [
        ("SEQ801", "warning", "ACME11", "no plugin brings a rule `ACME11`", "did you mean `ACME101`?")
    ]
    assert told('[rules]\nACME101 = "off"\nSEQ603 = "off"') == []


def test_rule_that_a_plugin_may_bring_which_is_left_out_is_not_told() -> None:
    assert told('[rules]\nACME11 = "off"', "acme") == []


@pytest.mark.parametrize(
    ("toml", "place", "whose"),
    [
        ('plan = "acme.small"', "plan", "a limit of the plan `acme.small`"),
        ('plan = "own"\n[[plan.own.limits]]\nwhat = "emails"\ncount = 5', "what", "this limit"),
        ('plan = "own"\nplugins = ["email"]\n[[plan.own.limits]]\nwhat = "emails"\ncount = 5', "what", "this limit"),
    ],
)
def test_limit_on_what_no_channel_is_counted_as_is_told(toml: str, place: str, whose: str) -> None:
    said = f"{whose} counts `emails`, and no channel is counted as that"
    assert told(toml) == [("SEQ802", "warning", place, said, "did you mean `email`?")]


@pytest.mark.parametrize("what", ["email", "sms", "message"])
def test_limit_on_what_channels_are_counted_as_is_fine(what: str) -> None:
    assert told(f'plan = "own"\n[[plan.own.limits]]\nwhat = "{what}"\ncount = 5') == []


def test_bundled_plans_count_what_channels_are_counted_as() -> None:
    for policy in project().words.policies:
        assert told(f'plan = "{policy.name}"') == []


@pytest.mark.parametrize(
    ("toml", "place"),
    [
        ("[channels.pager.default]\nx = 1", "pager"),
        ("[channels]\npager.default = { x = 1 }", "pager"),
        ("[channels.chan.default]\nx = 1", "chan"),
    ],
)
def test_mailbox_of_no_channel_is_told_at_its_word(toml: str, place: str) -> None:
    (one,) = told(toml)
    assert one[:4] == ("SEQ808", "error", place, f"there is no channel `{place}` with mailboxes")


HINT = "the plugin `pager` is left out, and may bring it: `seqlang plugin list` says why"


@pytest.mark.parametrize(
    ("toml", "told_of"),
    [
        ("[channels.pager.default]\nx = 1", ("SEQ808", "warning", "pager", "there is no channel `pager` with mailboxes", HINT)),
        ('plan = "pager.plan"', ("SEQ700", "error", "plan", "there is no plan `pager.plan`", HINT)),
        ('[sources.x]\nkind = "pager"', ("SEQ809", "error", "kind", "there is no source of the kind `pager`", HINT)),
    ],
)
def test_what_a_plugin_may_bring_that_is_left_out_is_told_with_it(toml: str, told_of: tuple[str, ...]) -> None:
    assert told(toml, "pager") == [told_of]


SEQ = """\
cadence "C" {
  owner "a@x.example"
  run daily at 09:00 in "UTC"
  step beep: pager on day 1 { x: 1 }
  exit when finished
}
"""


def test_channel_of_a_step_is_told_with_the_plugin_that_is_left_out() -> None:
    assert ("SEQ400", "error", "pager", "there is no channel `pager`", HINT) in told("", "pager", seq=SEQ)
