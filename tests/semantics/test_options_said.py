"""Options that say nothing, several lines where one is wanted, and addresses as people write them."""

from __future__ import annotations

import pytest

from seqlang.semantics.values import ADDRESS
from tests.semantics.reading import FIELDS, classic, codes


def told(step: str) -> list[str]:
    wanted = ("SEQ413", "SEQ416", "SEQ417", "SEQ418")
    return [code for code in codes(FIELDS + classic(step)) if code in wanted]


def mail(options: str) -> str:
    return f'step b: email on day 3 {{ template: "b.html", unsubscribe: yes, {options} }}'


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (mail(r'subject: "a\nb"'), "SEQ416"),
        (mail(r'subject: "a\u{2028}b"'), "SEQ416"),
        (mail(r'subject: "Dear {{ contact.first_name }},\nmay I"'), "SEQ416"),
        (mail(r'subject: choose { "a\nb" when score > 5; "c" otherwise }'), "SEQ416"),
        (r'step b: notify on day 3 { to: "ana@example.com", subject: "a\nb", text: "c" }', "SEQ416"),
        ('step b: sms on day 3 { text: "" }', "SEQ417"),
        ('step b: sms on day 3 { text: "  " }', "SEQ417"),
        ('step b: sms on day 3 { text: choose { "a" when score > 5; "" otherwise } }', "SEQ417"),
        ('step b: email on day 3 { text: "", subject: "a", unsubscribe: yes }', "SEQ417"),
        (mail('subject: ""'), "SEQ417"),
        (mail('subject: "a", to: []'), "SEQ417"),
        ('step b: task on day 3 { title: "" }', "SEQ417"),
        ("step b: call on day 3 { outcomes: [] }", "SEQ417"),
        ('step b: call on day 3 { outcomes: ["Connected", ""] }', "SEQ417"),
        ('step b: email_reminder on day 3 { template: "b.html", subject: "a", unsubscribe: yes, review: no }', "SEQ418"),
    ],
)
def test_option_that_no_message_can_go_with_is_told(step: str, code: str) -> None:
    assert told(step) == [code]


@pytest.mark.parametrize(
    "step",
    [
        mail('subject: "a, b\\tc"'),
        mail('subject: "{% if contact.title %}\n{{ contact.title }}{% endif %} a"'),
        mail('subject: """\n  one line\n  """'),
        mail('subject: "{{ contact.first_name }}", track: [], cc: []'),
        'step b: sms on day 3 { text: "a\\nb" }',
        'step b: call on day 3 { script: "" }',
        'step b: call on day 3 { outcomes: ["Connected"] }',
        'step b: email_reminder on day 3 { template: "b.html", subject: "a", unsubscribe: yes, review: yes }',
        'step b: email on day 3 { template: "b.html", subject: "a", unsubscribe: yes, review: no }',
        mail('subject: "a", from: "Zoë \\"Z\\" Ö <zoe@ex.example>"'),
        mail('subject: "a", from: "\\"Doe, Zoë\\" <zoe@ex.example>", to: ["Kim <kim@ex.example>", owner]'),
    ],
)
def test_option_that_says_something_is_fine(step: str) -> None:
    assert told(step) == []


@pytest.mark.parametrize(
    "text",
    [
        "a@b.co", "kim+x/y@x.example", "kim@müller.example", "<kim@x.example>", "Kim Doe <kim@x.example>",
        " Kim < kim@x.example > ",
        'Zoë "Z" Ö <zoe@ex.example>', '"Doe, Kim" <kim@x.example>', '"a <b> @c" <kim@x.example>', r'"a \" b" <kim@x.example>',
        "O'Neil <o'neil@x.example>", "Doe, Kim <kim@x.example>",
    ],
)  # fmt: skip
def test_address_is_one(text: str) -> None:
    assert ADDRESS.match(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "kim", "kim@x", "a b@x.co", "kim@x.example>", "<kim@x.example", "Kim <kim@x.example", 'Zoë "Z <z@x.example>',
        "a..b@x.example", ".a@x.example", "a.@x.example", "a@-x.example", "a@x..example", "a@x.example-", '"a"@x.example',
        "a@b@c.example", "a@x.example, b@x.example", "a\nb <a@x.example>", "a@x.example\n", "K <a@x.example> y", "a" * 5000,
        "a." * 5000, '"' * 5000, "a@" + "b." * 5000,
    ],
)  # fmt: skip
def test_address_is_none(text: str) -> None:
    assert not ADDRESS.match(text)
