"""Addresses of colleagues: a slip of the hand is told, another colleague is not."""

from __future__ import annotations

import pytest

from seqlang.vocabulary.settings import ProjectSettings, UserSettings
from tests.semantics.reading import codes

USERS = ProjectSettings(users=(UserSettings(email="ana@example.com"), UserSettings(email="robert@example.com")))


def told(line: str) -> bool:
    return "SEQ625" in codes(f'journey "J" {{\n enter when first_name = "x"\n {line}\n}}\n', settings=USERS)


@pytest.mark.parametrize(
    "line",
    [
        'owner "ana@exmaple.com"; tag "x"',
        'owner "ana@example.co"; tag "x"',
        'owner "robrt@example.com"; tag "x"',
        'assign "ROBERTT@example.com"',
        'assign round robin ["ana@example.com", "ana@eaxmple.com"]',
        'step a: call { assignee: "ana@exampl.com" }',
    ],
)
def test_a_slip_is_told(line: str) -> None:
    assert told(line)


@pytest.mark.parametrize(
    "line",
    [
        'owner "ana@example.com"; tag "x"',
        'owner "ANA@Example.com"; tag "x"',
        'owner "eva@example.com"; tag "x"',
        'owner "anna@example.com"; tag "x"',
        'owner "ana@example.org.uk"; tag "x"',
        'owner "rosa@elsewhere.net"; tag "x"',
        "assign contact.account.owner",
    ],
)
def test_another_colleague_is_not(line: str) -> None:
    assert not told(line)


def test_without_users_nobody_is_a_stranger() -> None:
    assert "SEQ625" not in codes('journey "J" {\n owner "ana@exmaple.com"\n enter when first_name = "x"\n tag "x"\n}\n')
