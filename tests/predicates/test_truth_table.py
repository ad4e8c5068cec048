"""The table of LANGUAGE.md 3: whatever looks at an empty field is false, and `not` is true exactly where its item is false."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import not_, select

from seqlang.plan import conditions as c
from seqlang.predicates import Subject, to_sql
from seqlang.store import Store
from seqlang.store.records import upsert
from seqlang.store.records_schema import apply_catalogue
from tests.predicates.worlds import CATALOGUE

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def field(name: str, kind: Any, *links: tuple[str, str], record: str = "contact") -> c.FieldRef:
    return c.FieldRef(record=record, links=tuple(c.LinkStep(field=f, record=r) for f, r in links), field=name, type=kind)


def text(value: str) -> c.Literal_:
    return c.Literal_(type="text", value=value)


SCORE, STAGE = field("score", "number"), field("stage", "choice")
ABOVE = c.Compare(field=SCORE, op=">", value=c.Literal_(type="number", value=5))
LEAD = c.Compare(field=STAGE, op="=", value=text("Lead"))
ONE_OF = c.OneOf(field=STAGE, values=(text("Lead"),))
COLUMNS = (ABOVE, c.Not(item=ABOVE), LEAD, c.Not(item=LEAD), c.Not(item=ONE_OF), c.Empty(field=STAGE))
ROWS = (
    ({"score": 9, "stage": "Lead"}, (True, False, True, False, False, False)),
    ({"score": 2, "stage": "Customer"}, (False, True, False, True, True, False)),
    ({"score": None, "stage": None}, (False, True, False, True, True, True)),
)


@pytest.fixture
def ask(store: Store) -> Callable[..., list[bool]]:
    """Ask conditions of one contact with those values; None among the answers is a failure."""

    def asked(values: dict[str, Any], *items: c.Condition, at: datetime = AT, zone: str = "Europe/Berlin") -> list[bool]:
        with store.begin() as conn:
            if store.catalogue.record("contact").field("score") is None:  # type: ignore[union-attr]  # built in
                apply_catalogue(conn, CATALOGUE)
            number = upsert(conn, store, "contact", [values], at=AT, fresh=True).ids[0]
            row = store.records("contact")
            subject = Subject("contact", row, row.c.id, None, None, zone, at)
            found = conn.execute(select(*(to_sql(i, subject, store) for i in items)).where(row.c.id == number)).one()
            opposite = conn.execute(select(*(not_(to_sql(i, subject, store)) for i in items)).where(row.c.id == number)).one()
        assert [bool(v) for v in opposite] == [not v for v in found]
        assert None not in found
        return [bool(v) for v in found]

    return asked


@pytest.mark.parametrize(("values", "expected"), ROWS)
def test_two_valued_table_holds_cell_by_cell(
    ask: Callable[..., list[bool]], values: dict[str, Any], expected: tuple[bool, ...]
) -> None:
    assert ask(values, *COLUMNS) == list(expected)


EMPTY_ATOMS = (
    ABOVE,
    LEAD,
    ONE_OF,
    c.Matches(field=field("first_name", "text"), how="contains", text=""),
    c.Matches(field=field("subscriptions", "set"), how="contains", text="News"),
    c.Within(field=field("trial_ends", "date"), sign=1, span=c.Span(count=3, unit="day")),
    c.Relative(field=field("seen_at", "datetime"), side="before", value=c.Now()),
    c.Relative(field=field("trial_ends", "date"), side="after", value=field("contract_end", "date")),
    c.Between(field=SCORE, low=c.Literal_(type="number", value=-1e9), high=c.Literal_(type="number", value=1e9)),
    c.Compare(field=field("newsletter", "boolean"), op="=", value=c.Literal_(type="boolean", value=False)),
    c.Compare(field=field("industry", "text", ("account", "account")), op="=", value=text("Software")),
    c.Compare(field=field("owner", "link"), op="=", value=text("ana@example.com")),
    c.Compare(field=SCORE, op="=", value=SCORE),
)


def test_whatever_looks_at_an_empty_field_is_false_and_its_negation_true(ask: Callable[..., list[bool]]) -> None:
    values = dict.fromkeys(("first_name", "subscriptions", "trial_ends", "seen_at", "newsletter", "score", "stage"))
    assert ask(values, *EMPTY_ATOMS) == [False] * len(EMPTY_ATOMS)
    assert ask(values, *(c.Not(item=a) for a in EMPTY_ATOMS)) == [True] * len(EMPTY_ATOMS)


def test_path_through_an_empty_link_is_empty(ask: Callable[..., list[bool]]) -> None:
    industry = field("industry", "text", ("account", "account"))
    assert ask({"account": None}, c.Empty(field=industry), c.Not(item=c.Empty(field=industry))) == [True, False]


@pytest.mark.parametrize(
    ("value", "how", "needle", "expected"),
    [
        ("Expo Berlin", "contains", "expo", True),
        ("Expo Berlin", "starts with", "EXPO", True),
        ("Expo Berlin", "ends with", "berlin", True),
        ("Expo Berlin", "starts with", "berlin", False),
        ("MÜLLER", "contains", "müller", True),
        ("Straße", "contains", "STRASSE", True),
        ("ΟΔΟΣ", "ends with", "οδος", True),
        ("100%", "contains", "%", True),
        ("100", "contains", "%", False),
        ("axb", "contains", "a_b", False),
        ("a\\b", "contains", "\\", True),
        ("ﬁne", "starts with", "FI", True),
    ],
)
def test_case_is_ignored_as_unicode_folds_it(
    ask: Callable[..., list[bool]], value: str, how: Any, needle: str, expected: bool
) -> None:
    assert ask({"first_name": value}, c.Matches(field=field("first_name", "text"), how=how, text=needle)) == [expected]


def test_equality_is_exact(ask: Callable[..., list[bool]]) -> None:
    assert ask(
        {"first_name": "Kim"},
        *(c.Compare(field=field("first_name", "text"), op="=", value=text(t)) for t in ("Kim", "kim", "Kim ")),
    ) == [True, False, False]


def test_set_contains_a_whole_member_only(ask: Callable[..., list[bool]]) -> None:
    of = field("subscriptions", "set")
    asked = [c.Matches(field=of, how="contains", text=t) for t in ("non marketing EMAILS", "marketing", "News", "a;b")]
    assert ask({"subscriptions": ("Non marketing emails", "News")}, *asked) == [True, False, True, False]


@pytest.mark.parametrize(
    ("day", "next_three", "last_three"),
    [
        ("2026-02-26", False, False),
        ("2026-02-27", False, True),
        ("2026-03-02", True, True),
        ("2026-03-05", True, False),
        ("2026-03-06", False, False),
    ],
)
def test_date_in_the_next_three_days_counts_whole_days_with_both_ends(
    ask: Callable[..., list[bool]],
    day: str,
    next_three: bool,
    last_three: bool,
) -> None:
    span = c.Span(count=3, unit="day")
    ends = field("trial_ends", "date")
    values = {"trial_ends": datetime.fromisoformat(day).date()}
    assert ask(values, c.Within(field=ends, sign=1, span=span), c.Within(field=ends, sign=-1, span=span)) == [
        next_three,
        last_three,
    ]


def test_today_is_that_of_the_flows_zone(ask: Callable[..., list[bool]]) -> None:
    is_today = c.Compare(field=field("trial_ends", "date"), op="=", value=c.Today())
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    values = {"trial_ends": datetime(2026, 3, 3, tzinfo=UTC).date()}
    assert ask(values, is_today, at=late, zone="Europe/Berlin") == [True]
    assert ask(values, is_today, at=late, zone="America/New_York") == [False]


def test_instant_in_the_last_three_days_counts_exact_hours(ask: Callable[..., list[bool]]) -> None:
    last = c.Within(field=field("seen_at", "datetime"), sign=-1, span=c.Span(count=3, unit="day"))
    assert ask({"seen_at": datetime(2026, 2, 27, 8, 30, tzinfo=UTC)}, last) == [True]
    assert ask({"seen_at": datetime(2026, 2, 27, 8, 29, 59, 999999, tzinfo=UTC)}, last) == [False]
    assert ask({"seen_at": AT}, last) == [True]


@pytest.mark.parametrize(
    ("seen", "before", "after", "on"),
    [
        ("2026-03-01T22:59:59+00:00", True, False, False),
        ("2026-03-01T23:00:00+00:00", False, False, True),
        ("2026-03-02T22:59:59+00:00", False, False, True),
        ("2026-03-02T23:00:00+00:00", False, True, False),
    ],
)
def test_instant_beside_a_date_counts_by_its_local_date(
    ask: Callable[..., list[bool]],
    seen: str,
    before: bool,
    after: bool,
    on: bool,
) -> None:
    of, day = field("seen_at", "datetime"), c.Literal_(type="date", value="2026-03-02")
    asked = (
        c.Relative(field=of, side="before", value=day),
        c.Relative(field=of, side="after", value=day),
        c.Compare(field=of, op="=", value=day),
    )
    assert ask({"seen_at": datetime.fromisoformat(seen)}, *asked) == [before, after, on]


@pytest.mark.parametrize("depth", [50, 200])
def test_condition_nested_very_deep_works(ask: Callable[..., list[bool]], depth: int) -> None:
    item: c.Condition = ABOVE
    expected = True
    for n in range(depth):
        extra = LEAD if n % 3 else c.Empty(field=STAGE)
        met = bool(n % 3)
        if n % 2:
            item, expected = c.All(items=(extra, c.Not(item=item))), met and not expected
        else:
            item, expected = c.Any_(items=(c.Not(item=item), extra)), met or not expected
    assert ask({"score": 9, "stage": "Lead"}, item) == [expected]


def test_choice_of_a_value_in_a_condition_takes_the_first_that_holds(ask: Callable[..., list[bool]]) -> None:
    limit = c.Choose(
        cases=(
            c.ChooseCase(when=LEAD, value=c.Literal_(type="number", value=5)),
            c.ChooseCase(when=None, value=c.Literal_(type="number", value=50)),
        )
    )
    above = c.Compare(field=SCORE, op=">", value=limit)
    assert ask({"score": 9, "stage": "Lead"}, above) == [True]
    assert ask({"score": 9, "stage": "Customer"}, above) == [False]
    assert ask({"score": 90, "stage": None}, above) == [True]


def test_nothing_in_a_conjunction_is_true_and_in_a_disjunction_false(ask: Callable[..., list[bool]]) -> None:
    assert ask({}, c.All(items=()), c.Any_(items=())) == [True, False]


def test_day_beyond_the_calendar_is_no_day(ask: Callable[..., list[bool]]) -> None:
    far = c.Shifted(origin=c.Today(), sign=1, span=c.Span(count=99_999_999, unit="day"))
    before = c.Relative(field=field("trial_ends", "date"), side="before", value=far)
    assert ask({"trial_ends": AT.date()}, before, c.Not(item=before)) == [False, True]
