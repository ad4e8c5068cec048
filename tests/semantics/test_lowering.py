"""Conditions of a file become exactly the atoms that LANGUAGE 3 says."""

from __future__ import annotations

import pytest

from seqlang.plan.conditions import (
    All,
    Any_,
    Compare,
    Condition,
    CountEvents,
    CountSome,
    Empty,
    FieldRef,
    LinkStep,
    Literal_,
    Matches,
    Not,
    Now,
    OneOf,
    Relative,
    Shifted,
    Some,
    Span,
    Today,
    Within,
)
from tests.semantics.reading import FIELDS, check, classic, plan_of, shown

SCORE = FieldRef(record="contact", field="score", type="number")
STAGE = FieldRef(record="contact", field="stage", type="choice")
TRIAL = FieldRef(record="contact", field="trial_ends", type="date")
DEAL_STAGE = FieldRef(record="deal", field="stage", type="text")
INDUSTRY = FieldRef(record="contact", links=(LinkStep(field="account", record="account"),), field="industry", type="text")


def text(value: str) -> Literal_:
    return Literal_(type="text", value=value)


def number(value: float) -> Literal_:
    return Literal_(type="number", value=value)


def some(where: Condition) -> Some:
    return Some(subject="contact", record="deal", link="contact", where=where)


def condition(written: str, *, before: str = "", record: str = "contact") -> Condition:
    plan = plan_of(FIELDS + before + classic(head=f"audience {{ where {written} }}", record=record), name="S")
    assert plan.audience is not None
    return plan.audience.where


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("score > 5", Compare(field=SCORE, op=">", value=number(5))),
        ("score != 5", Not(item=Compare(field=SCORE, op="=", value=number(5)))),
        ('stage in ["Lead"]', OneOf(field=STAGE, values=(text("Lead"),))),
        ('stage not in ["Lead"]', Not(item=OneOf(field=STAGE, values=(text("Lead"),)))),
        ("not score > 5", Not(item=Compare(field=SCORE, op=">", value=number(5)))),
        ("score is empty", Empty(field=SCORE)),
        ("score is not empty", Not(item=Empty(field=SCORE))),
        ('deal.stage = "Won"', some(Compare(field=DEAL_STAGE, op="=", value=text("Won")))),
        ('deal.stage != "Won"', Not(item=some(Compare(field=DEAL_STAGE, op="=", value=text("Won"))))),
        ('deal.stage not in ["Won"]', Not(item=some(OneOf(field=DEAL_STAGE, values=(text("Won"),))))),
        ("deal.stage is empty", some(Empty(field=DEAL_STAGE))),
        ("deal.stage is not empty", some(Not(item=Empty(field=DEAL_STAGE)))),
        ("count(deal) >= 2", CountSome(some=some(All(items=())), op=">=", number=2)),
        ('account.industry = "Software"', Compare(field=INDUSTRY, op="=", value=text("Software"))),
        ('account.industry starts with "Soft"', Matches(field=INDUSTRY, how="starts with", text="Soft")),
        ("trial_ends in the next 3 days", Within(field=TRIAL, sign=1, span=Span(count=3, unit="day"))),
        ("trial_ends before 30 days from today",
         Relative(field=TRIAL, side="before", value=Shifted(origin=Today(), sign=1, span=Span(count=30, unit="day")))),
        ("trial_ends after 2 weeks before today",
         Relative(field=TRIAL, side="after", value=Shifted(origin=Today(), sign=-1, span=Span(count=2, unit="week")))),
        ("trial_ends = 2026-03-02", Compare(field=TRIAL, op="=", value=Literal_(type="date", value="2026-03-02"))),
        ('event "e"', CountEvents(event="e")),
        ('count(event "e") in the last 7 days < 3',
         CountEvents(event="e", last=Span(count=7, unit="day"), op="<", number=3)),
    ],
)  # fmt: skip
def test_a_condition_becomes_its_atoms(written: str, expected: Condition) -> None:
    assert condition(written, before='event "e" { }\n') == expected


def test_or_binds_looser_than_and() -> None:
    found = condition("score > 5 and newsletter or phone is empty")
    assert isinstance(found, Any_)
    assert isinstance(found.items[0], All)


def test_an_owner_compared_with_a_text_means_the_address() -> None:
    found = condition('owner = "ana@example.com"')
    assert isinstance(found, Compare)
    assert (found.field.links, found.field.field) == ((LinkStep(field="owner", record="user"),), "email")


def test_a_constant_stands_for_its_value_as_an_instant_in_utc() -> None:
    found = condition("created_at after webinar", before="let webinar = 2026-11-24T15:00+01:00\n")
    assert isinstance(found, Relative)
    assert found.value == Literal_(type="instant", value="2026-11-24T14:00:00+00:00")


def test_an_instant_without_offset_is_of_the_flows_zone() -> None:
    found = condition("created_at before 2026-07-01T12:00")
    assert isinstance(found, Relative)
    assert found.value == Literal_(type="instant", value="2026-07-01T10:00:00+00:00")


def test_now_is_an_instant() -> None:
    found = condition("created_at before 4 hours before now")
    assert isinstance(found, Relative)
    assert found.value == Shifted(origin=Now(), sign=-1, span=Span(count=4, unit="hour"))


def test_views_are_read_in_where_they_are_asked() -> None:
    found = condition('in view "Soft" and score > 5', before='view "Soft" of account where industry = "Software"\n')
    assert found == All(
        items=(Compare(field=INDUSTRY, op="=", value=text("Software")), Compare(field=SCORE, op=">", value=number(5)))
    )


def test_a_sequence_for_account_asks_the_contacts_account() -> None:
    found = condition('industry = "Software" and contact.score > 5 and deal.stage = "Won"', record="account")
    links = (LinkStep(field="account", record="account"),)
    won = Some(
        subject="contact", links=links, record="deal", link="account", where=Compare(field=DEAL_STAGE, op="=", value=text("Won"))
    )
    assert found == All(
        items=(Compare(field=INDUSTRY, op="=", value=text("Software")), Compare(field=SCORE, op=">", value=number(5)), won)
    )


def test_one_and_the_same_deal_is_one_question() -> None:
    found = condition('deal with (stage = "Won" and amount > 5_000)')
    assert isinstance(found, Some)
    assert isinstance(found.where, All)


def test_a_goal_and_a_wait_count_events_since_entry() -> None:
    plan = plan_of("""
event "e" { }
journey "J" {
  enter on event "e"
  goal "G" when event "e"
  wait until event "e" for at most 2 days
  if event "e" { tag "x" }
}
""")
    assert plan.goals[0].condition == CountEvents(event="e", since_entry=True)
    assert plan.node("until:1").condition == CountEvents(event="e", since_entry=True)  # type: ignore[union-attr]
    assert plan.node("if:1").arms[0][0] == CountEvents(event="e")  # type: ignore[union-attr]


def test_records_of_a_projects_own_are_reached_by_their_link() -> None:
    found = condition('ticket.subject contains "bill"', before="record ticket { subject text; contact link contact }\n")
    assert found == Some(
        subject="contact", record="ticket", link="contact",
        where=Matches(field=FieldRef(record="ticket", field="subject", type="text"), how="contains", text="bill"))  # fmt: skip


def test_the_properties_of_an_event_are_asked_of_the_event() -> None:
    found = condition('event "e" with (url contains "/p" and n > 3)', before='event "e" { url text; n number }\n')
    assert isinstance(found, CountEvents)
    assert isinstance(found.where, All)
    assert [getattr(i, "field").record for i in found.where.items] == ["event:e", "event:e"]  # noqa: B009 - of a union


def test_hours_around_a_date_field_are_an_error_of_types() -> None:
    checked = check(FIELDS + classic(head="audience { where trial_ends before 4 hours from today }"))
    assert [s for s in shown(checked) if s.startswith("SEQ3")] == ["SEQ305 `4 hours`"]
