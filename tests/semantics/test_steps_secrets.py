"""A secret that stands in a step is told, and what only looks a little like one is not."""

from __future__ import annotations

import pytest

from seqlang.diagnostics.faces import FACES, face_text
from seqlang.diagnostics.report import Report
from seqlang.semantics.settings import read_settings
from tests.semantics.reading import check

FLOW = """\
workflow "W" for deal {{
  owner "ops@example.com"
  on change of amount
  step hook: webhook {{ {options} }}
}}
"""


def told(options: str) -> list[str]:
    found = check(FLOW.format(options=options))
    return [d.message for d in found.diagnostics if d.code == "SEQ448"]


def places(text: str) -> list[str]:
    return [d.source.text[d.span.start : d.span.end] for d in check(text).diagnostics if d.code == "SEQ448"]


@pytest.mark.parametrize(("options", "what"), [
    ('url: "https://ana:hunter2@hooks.example.com/x"', "the password of an address"),
    ('url: "https://ana:hun/ter2@hooks.example.com/x"', "the password of an address"),
    ('url: "https://hooks.example.com/x", headers: { Authorization: "Basic YW5hOmh1bnRlcjI=" }', "the value of `Authorization`"),
    ('url: "https://hooks.example.com/x", headers: { `X-Api-Key`: "k-17" }', "the value of `X-Api-Key`"),
    ('url: "https://hooks.example.com/x", headers: { `X-Team`: "Bearer 5f2b8c1d9e7a4f60" }', "a secret"),
    ('url: "https://hooks.example.com/x", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"', "a secret"),
    ('url: "https://hooks.example.com/x", body: { inner: { key: "-----BEGIN PRIVATE KEY-----" } }', "a secret"),
    ('url: "https://hooks.example.com/x", body: { inner: { password: "hunter22secret" } }', "the value of `password`"),
    ('url: "https://hooks.example.com/x", body: [{ apiKey: "hunter22secret" }]', "the value of `apiKey`"),
    ('url: "https://hooks.example.com/x", body: { secret: "hunter22secret" }', "the value of `secret`"),
    ('url: "https://hooks.example.com/x", body: "token xoxb-123456789012-abcdef"', "a secret"),
    ('url: "https://hooks.example.com/x?a=1&api_key=abcdefghijklmnop"', "the value of `api_key` in an address"),
    ('url: "https://hooks.example.com/{{ deal.name }}?access_token=abcdefgh#x"', "the value of `access_token` in an address"),
])
def test_secret_in_a_step_is_told(options: str, what: str) -> None:
    assert told(options) == [f"{what} is in the clear in a file of the project"]


ALL = """url: "https://ana:hunter22@hooks.example.com/deal?api_key=abcdefghijklmnop", headers: {
    `X-Api-Key`: "0123456789abcdef",
    Authorization: choose { "Bearer abcdef0123456789" when amount > 5, "Basic YTpiYzpk" otherwise }
  }, body: { list: [{ password: "hunter22secret" }] }"""


def test_each_secret_is_told_at_its_own_place() -> None:
    assert places(FLOW.format(options=ALL)) == [
        "hunter22", "abcdefghijklmnop", "0123456789abcdef", "Bearer abcdef0123456789", "Basic YTpiYzpk", "hunter22secret",
    ]


def test_secret_in_a_constant_is_told_where_it_is_used() -> None:
    text = 'const key = "hunter22secret"\n' + FLOW.format(options='url: "https://hooks.example.com/x", body: { password: key }')
    assert places(text) == ["key"]


def test_secret_is_not_shown_beside_what_is_said_of_it() -> None:
    found = check(FLOW.format(options=ALL)).diagnostics
    report = Report((found[0].source.path,), found)
    assert "hunter22" in found[0].source.text
    shown = face_text(report)
    for secret in ("hunter22", "abcdefghijklmnop", "0123456789abcdef", "YTpiYzpk"):
        assert secret not in shown
    for name in ("concise", "json", "sarif", "github", "gitlab", "junit"):
        assert "hunter22" not in FACES[name](report)


def test_error_yields_to_a_comment_and_to_the_rules() -> None:
    options = 'url: "https://hooks.example.com/x", headers: { `X-Api-Key`: "public" }'
    text = FLOW.format(options=options)
    (error,) = check(text).diagnostics
    assert (error.code, error.severity) == ("SEQ448", "error")
    allowed = text.replace('"public" } }', '"public" } }  # allow SEQ448: it is public')
    assert check(allowed).diagnostics == ()
    assert check(allowed).plan is not None
    for level, left in (("off", []), ("warning", ["warning"]), ("error", ["error"])):
        settings, wrong = read_settings(f'[rules]\nSEQ448 = "{level}"\n')
        assert wrong == ()
        checked = check(text, settings=settings)
        assert [d.severity for d in checked.diagnostics] == left
        assert (checked.plan is None) is (level == "error")


@pytest.mark.parametrize("options", [
    'url: "https://hooks.example.com/x", headers: { Authorization: { secret: "crm" } }',
    'url: "https://hooks.example.com:8443/x:z@y", headers: { `X-Team`: "sales" }, secret: "crm"',
    'url: "https://hooks.example.com/{{ deal.name }}", body: { token: "{{ deal.name }}" }',
    'url: "https://hooks.example.com/x", body: "the bearer of good news"',
    'url: "https://hooks.example.com/x", body: { login: { password: { secret: "crm" } } }',
    'url: "https://hooks.example.com/x?api_key={{ deal.name }}&key=sales&page=2"',
    'url: "https://hooks.example.com/x", body: "see https://shop.example.com/?token=SPRING2026 for more"',
    'url: "https://hooks.example.com/x", headers: { `X-Sort-Key`: "name" }, body: { tokens: "many", password_set: "yes" }',
])
def test_what_is_no_secret_is_not_told(options: str) -> None:
    assert told(options) == []
