"""A secret that stands in a step is told, and what only looks a little like one is not."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize(("options", "what"), [
    ('url: "https://ana:hunter2@hooks.example.com/x"', "the password of an address"),
    ('url: "https://hooks.example.com/x", headers: { Authorization: "Basic YW5hOmh1bnRlcjI=" }', "the value of `Authorization`"),
    ('url: "https://hooks.example.com/x", headers: { `X-Api-Key`: "k-17" }', "the value of `X-Api-Key`"),
    ('url: "https://hooks.example.com/x", headers: { `X-Team`: "Bearer 5f2b8c1d9e7a4f60" }', "a secret"),
    ('url: "https://hooks.example.com/x", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"', "a secret"),
    ('url: "https://hooks.example.com/x", body: { inner: { key: "-----BEGIN PRIVATE KEY-----" } }', "a secret"),
])
def test_secret_in_a_step_is_told(options: str, what: str) -> None:
    assert told(options) == [f"{what} is in the clear in a file of the project"]


@pytest.mark.parametrize("options", [
    'url: "https://hooks.example.com/x", headers: { Authorization: { secret: "crm" } }',
    'url: "https://hooks.example.com:8443/x@y", headers: { `X-Team`: "sales" }, secret: "crm"',
    'url: "https://hooks.example.com/{{ deal.name }}", body: { token: "{{ deal.name }}" }',
    'url: "https://hooks.example.com/x", body: "the bearer of good news"',
])
def test_what_is_no_secret_is_not_told(options: str) -> None:
    assert told(options) == []
