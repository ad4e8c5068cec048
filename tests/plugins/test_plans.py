"""The plans that are bundled: their figures, and what the engine does at them, and above them."""

from __future__ import annotations

from collections import Counter

import pytest

from seqlang.host import load
from seqlang.vocabulary.settings import ProjectSettings
from tests.engine.playing import World, contact

POLICIES = {policy.name: policy for policy in load(None).words.policies}
SEQUENCES = {"classic", "smart", "outbound", "cadence"}
MAIL = '{ subject: "s", text: "t" }'
SEQUENCE = (
    'classic sequence "F" {\n owner "ana@example.com"\n run daily at 09:00 in "UTC"\n audience { }\n'
    f" step a: email on day 1 {MAIL}\n step b: email on day 1 {MAIL}\n exit when finished\n}}\n"
)
ON_EVENT = f'event "go"\nKIND "F" {{\n owner "ana@example.com"\n ON event "go"\n step a: email {MAIL}\n}}\n'
WORKFLOW, JOURNEY = (ON_EVENT.replace("KIND", k).replace("ON", w) for k, w in (("workflow", "on"), ("journey", "enter on")))


@pytest.mark.parametrize("name", [f"freshsales.{n}" for n in ("free", "growth", "pro", "enterprise", "trial")])
def test_freshsales_counts_conditions_steps_and_days(name: str) -> None:
    plan = POLICIES[name]
    assert (plan.conditions_max, plan.steps_max, plan.last_day_max) == (8, 25, 90)
    assert plan.journey_emails_per_contact_per_month is None
    assert plan.workflows_per_organisation is None
    assert all(set(limit.kinds) == SEQUENCES for limit in plan.limits if limit.per == "user")


@pytest.mark.parametrize(
    ("name", "workflows", "emails"),
    [("starter", 10, 250), ("growth", 25, 500), ("boost", 50, 1000), ("enterprise", 100, None)],
)
def test_salesmate_counts_workflows_journeys_and_actions(name: str, workflows: int, emails: int | None) -> None:
    plan = POLICIES[f"salesmate.{name}"]
    assert (plan.workflows_per_organisation, plan.actions_warn, plan.journey_emails_per_contact_per_month) == (workflows, 15, 4)
    of_workflows = [limit for limit in plan.limits if limit.kinds == ("workflow",)]
    assert [(limit.count, limit.per, limit.window, limit.over) for limit in of_workflows] == (
        [] if emails is None else [(emails, "user", "day", "defer")]
    )
    assert all(set(limit.kinds) == SEQUENCES for limit in plan.limits if limit not in of_workflows)


def played(plan: str, text: str, people: int, until: str = "2026-03-06T00:00") -> Counter[str]:
    """Return how many lines of each day and kind there are, everybody coming in on 2 March."""
    settings = ProjectSettings(plan=plan, channels={"email": {"default": {"smtp": "smtp://localhost:2525"}}})
    everybody = [contact(f"p{n}@x.example") for n in range(people)]
    world = World.of(text, "2026-03-02T08:00", everybody, settings=settings)
    if 'event "go"' in text:
        for n in range(people):
            world.tell(f"p{n}@x.example", "event", value="go")
    world.to(until)
    lines = [line.split() for line in world.lines("executed", "deferred", "skipped", "failed")]
    return Counter(" ".join([line[0][-2:], line[3], *line[6:]]) for line in lines)


@pytest.mark.slow
def test_a_trial_sends_a_hundred_mails_in_all() -> None:
    sent = {"02 executed": 100, "02 skipped limit": 4}
    assert played("freshsales.trial", SEQUENCE, 52) == sent
    assert played("salesmate.trial", SEQUENCE, 52) == sent
    assert played("salesmate.trial", JOURNEY, 104) == sent
    assert played("salesmate.trial", WORKFLOW, 104) == sent


@pytest.mark.slow
def test_salesmate_holds_back_until_the_next_day() -> None:
    assert played("salesmate.growth", SEQUENCE, 252) == {"02 executed": 500, "02 deferred limit": 4, "03 executed": 4}
    assert played("salesmate.starter", WORKFLOW, 252) == {"02 executed": 250, "02 deferred limit": 2, "03 executed": 2}
    assert played("salesmate.enterprise", WORKFLOW, 252) == {"02 executed": 252}


@pytest.mark.slow
def test_freshsales_tries_once_more_the_next_day_and_then_the_step_fails() -> None:
    assert played("freshsales.growth", SEQUENCE, 252) == {"02 executed": 500, "02 deferred limit": 4, "03 executed": 4}
    assert played("freshsales.free", SEQUENCE, 2) == {"02 deferred limit": 4, "03 failed limit": 4}


def test_salesmates_journeys_send_four_mails_a_month_for_each_contact() -> None:
    text = JOURNEY.replace(f" step a: email {MAIL}\n", "".join(f" step {name}: email {MAIL}\n" for name in "abcde"))
    months = played("salesmate.starter", text, 3, until="2026-04-03T00:00")
    assert months == {"02 executed": 12, "02 deferred limit": 3, "01 executed": 3}
