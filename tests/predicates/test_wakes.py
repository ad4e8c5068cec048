"""What a condition looks at, and whether time alone may turn it."""

from __future__ import annotations

import pytest

from seqlang.plan import conditions as c
from seqlang.predicates import fields_of, turns_by_time, wakes

DAY = c.Span(count=1, unit="day")
ENDS = c.FieldRef(record="contact", field="trial_ends", type="date")
INDUSTRY = c.FieldRef(record="contact", links=(c.LinkStep(field="account", record="account"),), field="industry", type="text")
WON = c.Some(
    subject="contact",
    record="deal",
    link="contact",
    where=c.Compare(
        field=c.FieldRef(record="deal", field="stage", type="text"), op="=", value=c.Literal_(type="text", value="Won")
    ),
)
DATE = c.Literal_(type="date", value="2026-03-02")


@pytest.mark.parametrize(
    ("condition", "turns"),
    [
        (c.Within(field=ENDS, sign=1, span=DAY), True),
        (c.Relative(field=ENDS, side="before", value=DATE), False),
        (c.Relative(field=ENDS, side="before", value=c.Today()), True),
        (c.Between(field=ENDS, low=DATE, high=c.Shifted(origin=c.Today(), sign=1, span=DAY)), True),
        (c.CountEvents(event="x"), False),
        (c.CountEvents(event="x", last=DAY), True),
        (c.Fact(fact="opened"), False),
        (c.Fact(fact="opened", last=DAY), True),
        (c.Fact(fact="overdue", step="ring"), True),
        (c.Not(item=c.All(items=(WON, c.Within(field=ENDS, sign=1, span=DAY)))), True),
        (c.Not(item=WON), False),
    ],
)
def test_condition_that_looks_at_the_clock_turns_by_time(condition: c.Condition, turns: bool) -> None:
    assert turns_by_time(condition) is turns


def test_fields_of_a_path_are_its_links_and_its_end() -> None:
    assert fields_of(c.Empty(field=INDUSTRY)) == {("contact", "account"), ("account", "industry")}
    assert fields_of(WON) == {("deal", "contact"), ("deal", "stage")}


def test_properties_of_events_are_no_fields() -> None:
    where = c.Empty(field=c.FieldRef(record="event:x", field="url", type="text"))
    assert fields_of(c.CountEvents(event="x", where=where)) == frozenset()


def test_wakes_names_all_that_may_turn_the_condition() -> None:
    found = wakes(
        c.Any_(
            items=(
                WON,
                c.Fact(fact="opened", step="hello"),
                c.Outcome(step="ring", values=("x",)),
                c.Unsubscribed(),
                c.InList(list="L"),
                c.Tagged(tag="T"),
                c.InFlow(flow="F", was=True),
                c.CountEvents(event="e"),
            )
        )
    )
    assert found.records == {"deal"}
    assert found.facts == {"opened", "clicked", "replied", "outcome", "unsubscribed"}
    assert [set(names) for names in (found.lists, found.tags, found.flows, found.events)] == [{"L"}, {"T"}, {"F"}, {"e"}]
    assert not found.account_replied
    assert wakes(c.AccountReplied()).account_replied
