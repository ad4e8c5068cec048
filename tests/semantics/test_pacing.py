"""More messages in a week than the project allows, and limits that starve a step: told where they are, and nowhere else."""

from __future__ import annotations

import pytest

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.semantics.settings import read_settings
from tests.semantics.reading import FIELDS, check


def found(text: str, toml: str, *codes: str) -> list[Diagnostic]:
    settings, wrong = read_settings(toml)
    assert wrong == ()
    checked = check(FIELDS + 'event "e" { }\n' + text, settings=settings)
    assert checked.plan is not None, [f"{d.code} {d.message}" for d in checked.diagnostics]
    return [d for d in checked.diagnostics if d.code in codes]


def mail(name: str, timing: str, when: str = "") -> str:
    return f'step {name}: email {timing} {when} {{ template: "b.html", unsubscribe: yes }}\n'


def sequence(*steps: str, name: str = "S", where: str = "score > 5", run: str = "daily at 09:00", kind: str = "classic") -> str:
    body = "".join(steps)
    exits = "exit when finished, replied, unsubscribed, bounced"
    return f'{kind} sequence "{name}" {{\nrun {run}\naudience {{ where {where} }}\n{body}{exits}\n}}\n'


def journey(body: str) -> str:
    return f'journey "J" {{\nenter when score > 50\n{body}\n}}\n'


def week(text: str, allowed: int = 2) -> list[str]:
    told = found(text, f"[pace]\nmessages_per_contact_per_week = {allowed}\n", "SEQ622", "SEQ623")
    return [f"{d.code} {d.source.text[d.span.start : d.span.end]}" for d in told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (sequence(mail("a", "on day 1"), mail("b", "on day 3"), mail("c", "on day 7")), ["SEQ622 c"]),
        (sequence(mail("a", "on day 1"), mail("b", "on day 3"), mail("c", "on day 8")), []),
        (sequence(mail("a", "on day 1"), mail("b", "on day 3"), mail("c", "on day 6"), run="daily at 09:00 except weekends"), []),
        (sequence(mail("a", "on day 1"), mail("b", "on day 3"), mail("c", "on day 5"), run="daily at 09:00 except weekends"),
         ["SEQ622 c"]),
        (sequence(mail("a", "on day 1"), mail("b", "on day 2"), mail("c", "on day 3"), run="every 3 days"), ["SEQ622 c"]),
        (sequence(mail("a", "on day 1"), mail("b", "on day 2"), mail("c", "on day 3"), run="every 1 week"), []),
        (sequence(mail("a", "on day 1", "when score > 9"), mail("b", "on day 2"), mail("c", "on day 3", "when score < 8")), []),
        (sequence(mail("a", "on day 1"), "step t: call on day 2 { }\n", mail("c", "on day 3")), []),
        (sequence(mail("a", ""), mail("b", ""), mail("c", ""), kind="smart"), ["SEQ622 c"]),
        (sequence(mail("a", ""), mail("b", ""), mail("c", "after 10 days"), kind="smart"), []),
        (sequence(mail("a", ""), mail("b", "after 2 days"), mail("c", "after 2 days"), kind="outbound"), ["SEQ622 c"]),
        (sequence(mail("a", ""), mail("b", "after 4 days"), mail("c", "after 4 days"), kind="outbound"), []),
        (journey(mail("a", "") + "wait 1 day\n" + mail("b", "") + "wait 1 day\n" + mail("c", "")), ["SEQ622 c"]),
        (journey(mail("a", "") + "wait 1 day\n" + mail("b", "") + "wait 6 days\n" + mail("c", "")), []),
        (journey(mail("a", "") + 'if country = "DE" { ' + mail("b", "") + "} else { " + mail("c", "") + "}"), []),
        (journey(mail("a", "") + "wait until 2026-12-24T09:00\n" + mail("b", "") + mail("c", "")), []),
    ],
)  # fmt: skip
def test_a_flow_that_sends_too_much_in_a_week_is_told_at_the_step_that_is_too_much(text: str, told: list[str]) -> None:
    assert week(text) == told


TWO = (mail("a", "on day 1"), mail("b", "on day 3"))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (sequence(mail("a", "on day 1"), name="T", where="score > 8"), ['SEQ623 "T"']),
        (sequence(mail("a", "on day 1"), name="T", where="score < 3"), []),
        (sequence(mail("a", "on day 1"), name="T", where='score > 8 and not in sequence "S"'), []),
        (sequence("step a: call on day 1 { }\n", name="T", where="score > 8"), []),
        (sequence(mail("a", "on day 1", "when score < 3"), name="T", where="score > 8"), []),
        (journey(mail("a", "")), ['SEQ623 "J"']),
        ('cadence "C" { run daily at 09:00\n' + mail("a", "on day 1") + "}", []),  # by hand
    ],
)
def test_flows_that_send_too_much_together_are_told_once(other: str, told: list[str]) -> None:
    assert week(sequence(*TWO) + other) == told


def test_the_flows_their_numbers_and_somebody_who_gets_them_are_named() -> None:
    text = sequence(*TWO) + sequence(mail("a", "on day 1"), name="T", where="score > 8")
    (told,) = found(text, "[pace]\nmessages_per_contact_per_week = 2\n", "SEQ623")
    assert told.message == "`S` and `T` send up to 3 messages to one contact in a week, and the project allows 2"
    assert told.hint == "to somebody with `score = 9`; what is over waits for its turn"
    assert [r.message for r in told.related] == ["2 a week"]


def test_exclusive_flows_are_not_added_up() -> None:
    both = [sequence(*TWO), sequence(*TWO, name="T", where="score > 8")]
    assert week("".join(text.replace("audience", "exclusive\naudience") for text in both)) == []


def test_a_flow_with_a_narrower_pace_of_its_own_is_right() -> None:
    text = sequence(mail("a", "on day 1"), mail("b", "on day 2"), mail("c", "on day 3"))
    assert week(text.replace("audience", "at most 2 messages a week\naudience")) == []


def test_without_a_rule_nothing_is_too_much() -> None:
    text = sequence(*(mail(f"s{n}", f"on day {n}") for n in range(1, 20)))
    assert found(text, "", "SEQ622", "SEQ623") == []


# ------------------------------------------------------------------------------------------ limits


def starved(text: str, expect: str, per_day: int = 500) -> list[str]:
    plan = f'plan = "tiny"\n[plan.tiny]\nemails_per_user_per_day = {per_day}\n[expect]\n{expect}\n'
    return [d.message for d in found(text, plan, "SEQ624")]


MAILS = (mail("hello", "on day 1"), mail("bump", "on day 3"))
WEEKDAYS = "daily at 09:00 except weekends"


def test_a_step_that_comes_late_is_told_with_its_date() -> None:
    told = starved(sequence(*MAILS, run=WEEKDAYS), "contacts = 4000\nstart = 2026-03-04")
    assert told == ["with 4,000 contacts and 500 a day, `bump` is reached on 16 March"]


def test_without_a_start_days_are_counted() -> None:
    assert starved(sequence(*MAILS), "contacts = 4000") == ["with 4,000 contacts and 500 a day, `bump` is reached on day 9"]


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        (sequence(*MAILS), "contacts = 1000"),  # two days for the first step
        (sequence(*MAILS), ""),
        (sequence(*MAILS).replace("audience", "admit at most 200 a day\naudience"), "contacts = 4000"),
        (sequence(mail("hello", "on day 1", "when score > 90"), mail("bump", "on day 3")), "contacts = 4000"),  # perhaps nobody
        (sequence("step ring: call on day 1 { }\n", mail("bump", "on day 3")), "contacts = 4000"),
        (sequence(*MAILS).replace("audience", "over limit skip\naudience"), "contacts = 4000"),  # nobody waits
        (sequence(*MAILS), "contacts = 0"),
    ],
)
def test_a_step_that_is_reached_on_its_day_is_not(text: str, expect: str) -> None:
    assert starved(text, expect) == []


def test_a_step_that_never_runs_is_no_message_and_starves_nobody() -> None:
    dead = (mail("b", "on day 2", "when score < 3 and score > 4"), mail("c", "on day 3", "when replied"))
    assert week(sequence(mail("a", "on day 1"), *dead, mail("d", "on day 4"))) == []
    tiny = 'plan = "tiny"\n[plan.tiny]\nemails_per_user_per_day = 500\n[expect]\ncontacts = 4000\n'
    text = sequence(mail("a", "on day 1"), mail("b", "on day 2", "when score < 3 and score > 4"), mail("d", "on day 20"))
    assert found(text, tiny, "SEQ624") == []
