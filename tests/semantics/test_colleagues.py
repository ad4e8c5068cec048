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


def stranger(line: str, settings: ProjectSettings = USERS) -> bool:
    """Return whether the project is told to have a to-do for nobody."""
    flows = f'journey "J" {{\n owner "eva@example.com"\n enter when first_name = "x"\n {line}\n}}\n'
    flows += 'let boss = "boss@example.com"\ncadence "C" { owner boss; run daily at 09:00 }\n'
    return "SEQ626" in codes(flows, settings=settings)


@pytest.mark.parametrize(
    "line",
    [
        'step a: call { assignee: "bob@example.com" }',
        'step a: task { title: "x", assignee: choose { "ana@example.com" when first_name = "x"; "bob@example.com" otherwise } }',
        'step a: email_reminder { subject: "x", text: "x", assignee: "bob@example.com" }',
    ],
)
def test_a_to_do_for_nobody_is_told(line: str) -> None:
    assert stranger(line)
    assert not stranger(line, ProjectSettings())  # nobody is listed: anybody may be a user


@pytest.mark.parametrize(
    "line",
    [
        'step a: call { assignee: "Ana@Example.com" }',
        'step a: call { assignee: "EVA@example.com" }',  # owns a flow, which makes her a user
        'step a: call { assignee: "boss@example.com" }',
        "step a: call { assignee: owner }",
        "step a: call { assignee: contact.owner }",
        'step a: call { assignee: "robrt@example.com" }',  # a slip: told as one
        'step a: notify { to: "bob@example.com", subject: "x", text: "x" }',
    ],
)
def test_a_to_do_of_a_user_is_not(line: str) -> None:
    assert not stranger(line)
