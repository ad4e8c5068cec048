"""`seqlang.toml`: every key known and of its type, all mistakes at their lines."""

from __future__ import annotations

import pytest

from seqlang.compiler import compile_project
from seqlang.diagnostics.faces import face_text
from seqlang.diagnostics.report import Report
from seqlang.frozen import replace
from seqlang.semantics.settings import read_settings
from seqlang.vocabulary.settings import ProjectSettings
from tests.semantics.reading import check, classic, project

WHOLE = """
name = "acme-outreach"
database = "sqlite:///seqlang.db"        # or postgresql+psycopg://…
timezone = "Europe/Berlin"
plan = "tiny"
plugins = ["email", "sms"]

[plan.tiny]
sequences_per_user = 3
emails_per_user_per_day = 200
emails_total = 100                       # a trial
over_limit = "defer"

[pace]
messages_per_contact_per_week = 3
messages_per_domain_per_day = 50
quiet = "Company holidays"

[[users]]
email = "ana@example.com"
first_name = "Ana"
timezone = "Europe/Berlin"
manager = "eva@example.com"
active = true
role = "rep"

[channels.email.default]
smtp = "smtp+starttls://mailer@smtp.example.com:587"
password = { env = "MAILER_PASSWORD" }

[channels.email."ana@example.com"]
smtp = "smtps://ana@smtp.example.com"
per_day = 300
"""


def problems(text: str) -> list[tuple[str, int, str | None]]:
    return [(d.code, d.source.position(d.span.start)[0], d.hint) for d in read_settings(text)[1]]


def test_the_whole_file_is_read() -> None:
    settings, found = read_settings(WHOLE)
    assert found == ()
    assert settings.name == "acme-outreach"
    assert settings.plan == "tiny"
    assert settings.plans["tiny"].emails_total == 100
    assert settings.pace.quiet == "Company holidays"
    assert settings.users[0].email == "ana@example.com"
    assert settings.channels["email"]["ana@example.com"]["per_day"] == 300


def test_an_empty_file_has_the_defaults() -> None:
    assert read_settings("") == (ProjectSettings(), ())


def test_plans_may_be_written_either_way() -> None:
    assert read_settings("[plans.tiny]\nemails_total = 5\n")[0] == read_settings("[plan.tiny]\nemails_total = 5\n")[0]


def test_several_mistakes_are_told_at_their_lines() -> None:
    found = problems(
        'nam = "x"\n\n[pace]\nquiet = 5\nmesages_per_domain_per_day = 4\n[[users]]\nemail = "ana@example.com"\nrol = "rep"\n'
    )
    assert found == [
        ("SEQ801", 1, "did you mean `name`?"),
        ("SEQ802", 4, None),
        ("SEQ801", 5, "did you mean `messages_per_domain_per_day`?"),
        ("SEQ801", 8, "did you mean `role`?"),
    ]


def test_a_mistake_keeps_its_line_behind_a_table_of_a_plan() -> None:
    assert problems('plan = "a"\n[plan.a]\nemails_total = "many"\n') == [("SEQ802", 3, None)]


def test_broken_toml_is_told_at_its_line() -> None:
    assert [p[:2] for p in problems('name = "a"\ntimezone = \n')] == [("SEQ800", 2)]


def test_a_key_inside_of_an_inline_table_has_its_place() -> None:
    found = problems('[channels.email.default]\npassword = { envi = "X" }\n')
    assert found == [("SEQ805", 2, "did you mean `env`?")]


@pytest.mark.parametrize(("written", "meant"), [("PST", "America/Los_Angeles"), ("new york", "America/New_York")])
def test_a_zone_by_its_abbreviation_or_its_city_is_named_as_in_a_flow(written: str, meant: str) -> None:
    hint = f"did you mean `{meant}`?"
    assert problems(f'timezone = "{written}"\n') == [("SEQ320", 1, hint)]
    (told,) = check(classic().replace("Europe/Berlin", written)).diagnostics
    assert (told.code, told.hint) == ("SEQ320", hint)


def test_a_secret_in_the_clear_is_refused() -> None:
    assert [p[0] for p in problems('[channels.email.default]\npassword = "x"\n')] == ["SEQ805"]


def test_a_password_of_the_database_in_the_clear_is_a_warning_that_does_not_show_it() -> None:
    text = 'database = "postgresql+psycopg://u:hunter2pw@db.example.com/x"\n[channels.email.default]\npassword = "hunter2pw"\n'
    settings, found = read_settings(text)
    assert settings.database == "postgresql+psycopg://u:hunter2pw@db.example.com/x"
    assert [(d.code, d.severity) for d in found] == [("SEQ806", "warning"), ("SEQ805", "error")]
    assert "SEQLANG_DATABASE" in str(found[0].hint)
    shown = face_text(Report(("seqlang.toml",), found))
    assert "hunter2pw" not in shown
    assert "database = " in shown
    off, _ = read_settings('[rules]\nSEQ806 = "off"\n')
    assert compile_project(replace(project(classic(), settings=off), diagnostics=found[:1])).diagnostics == ()


@pytest.mark.parametrize("url", [
    "sqlite:///seqlang.db", "postgresql+psycopg://seqlang@db.example.com/x", "postgresql://db.example.com:5432/x",
])
def test_an_address_of_a_database_without_a_password_is_fine(url: str) -> None:
    assert problems(f'database = "{url}"\n') == []


def test_limits_of_a_plan_reach_the_flows() -> None:
    settings, _ = read_settings(WHOLE)
    checked = check('calendar "Company holidays" { closed 2026-12-24 }\n' + classic(), settings=settings)
    assert checked.plan is not None
    flow = checked.plan.flows[0]
    assert [(limit.what, limit.per, limit.window, limit.count, limit.over) for limit in flow.limits] == [
        ("email", "user", "day", 200, "defer"),
        ("email", "organisation", "ever", 100, "skip"),
        ("email", "mailbox", "day", 300, "defer"),
    ]
    assert flow.manners.all_flows_messages_per_week == 3
    assert flow.manners.domain_per_day == 50
    assert flow.manners.quiet is not None


def test_a_quiet_calendar_that_does_not_exist_is_told() -> None:
    settings, _ = read_settings('[pace]\nquiet = "Holidays"\n')
    assert [d.code for d in check(classic(), settings=settings).diagnostics] == ["SEQ235"]


def test_the_zone_of_a_flow_is_that_of_its_owner_where_nothing_else_names_one() -> None:
    text = 'classic sequence "S" {\n owner "ana@example.com"\n run daily at 09:00\n step a: call on day 1 { }\n}\n'
    settings, _ = read_settings('timezone = "Europe/Paris"\n[[users]]\nemail = "ana@example.com"\ntimezone = "Asia/Tokyo"\n')
    plan = check(text, settings=settings).plan
    assert plan is not None
    assert (plan.zone, plan.flows[0].zone) == ("Europe/Paris", "Asia/Tokyo")
    without = check(text.replace("ana@", "bo@"), settings=settings).plan
    assert without is not None
    assert without.flows[0].zone == "Europe/Paris"


def test_old_secrets_of_links_are_a_list_of_places() -> None:
    settings, found = read_settings('[web]\nold_secrets = [{ env = "A" }, { file = "/b" }]\n')
    assert (found, [s.env or s.file for s in settings.web.old_secrets]) == ((), ["A", "/b"])
    _, (clear,) = read_settings('[web]\nold_secrets = [{ env = "A" }, "hunter2"]\n')
    assert (clear.code, clear.message) == ("SEQ805", "`old_secrets` is in the clear in a file of the project")
    _, (lone,) = read_settings('[web]\nold_secrets = { env = "A" }\n')
    assert (lone.code, lone.message) == ("SEQ802", "`old_secrets` must be a list")
