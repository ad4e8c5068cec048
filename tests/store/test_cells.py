"""Cells, values and what columns keep: each form of the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlang.store.cells import cell_text, loaded, parse_cell, stored
from seqlang.vocabulary.records import FieldSpec, FieldType

VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).filter(str.strip),
    "number": st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30)).map(
        lambda d: d.replace(tzinfo=UTC)
    ),
    "set": st.lists(st.sampled_from(("News", "Offers", "Größe")), min_size=1, unique=True).map(tuple),
}


def field(kind: FieldType, **more: Any) -> FieldSpec:
    return FieldSpec(name="it", type=kind, **more)


@given(data=st.data())
def test_value_comes_back_from_its_cell_and_from_its_column(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(VALUES)))
    value = data.draw(VALUES[kind])
    assert parse_cell(field(kind), cell_text(field(kind), value), "UTC") == value
    assert loaded(field(kind), stored(field(kind), value)) == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "10_000", 10_000),
        ("number", " -2.5 ", -2.5),
        ("number", "50.0", 50),
        ("number", "1e3", 1000),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", "FALSE", False),
        ("date", "2028-02-29", date(2028, 2, 29)),
        ("datetime", "2026-03-02T09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("datetime", "2026-03-02 09:30:15", datetime(2026, 3, 2, 8, 30, 15, tzinfo=UTC)),
        ("datetime", "2026-03-02", datetime(2026, 3, 1, 23, 0, tzinfo=UTC)),
        ("datetime", "2026-03-29T02:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("datetime", "2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("datetime", "2026-03-02T09:30+05:30", datetime(2026, 3, 2, 4, 0, tzinfo=UTC)),
        ("datetime", "2026-03-02T09:30Z", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("set", "A; B;;a ", ("A", "B")),
        ("set", " ; ", None),
        ("text", "  ", None),
        ("text", " x ", " x "),
        ("email", " x@y.z ", "x@y.z"),
    ],
)
def test_cell_is_read_as_people_write_it(kind: FieldType, text: str, value: object) -> None:
    assert parse_cell(field(kind), text, "Europe/Berlin") == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "ten"),
        ("number", "1,5"),
        ("number", "nan"),
        ("number", "1e999"),
        ("boolean", "maybe"),
        ("date", "2026-02-29"),
        ("date", "2.3.2026"),
        ("date", "2026-03-02T10:00"),
        ("datetime", "tomorrow"),
        ("datetime", "2026-03-02T25:00"),
        ("text", "a\x00b"),
        ("text", "\ud800"),
        ("datetime", "0001-01-01T00:00+14:00"),
        ("number", "٣"),
    ],
)
def test_cell_that_is_no_value_is_refused_in_plain_words(kind: FieldType, text: str) -> None:
    with pytest.raises(ValueError, match="`it`") as caught:
        parse_cell(field(kind), text, "Europe/Berlin")
    assert "\n" not in str(caught.value)


def test_choice_is_one_of_its_words_unless_the_engine_keeps_it() -> None:
    with pytest.raises(ValueError, match="`Lead`, `Won`"):
        parse_cell(field("choice", choices=("Lead", "Won")), "lead", "UTC")
    assert parse_cell(field("choice", choices=("Call",), engine=True), "Lunch", "UTC") == "Lunch"


def test_texts_of_values_are_those_of_cells() -> None:
    texts: list[tuple[FieldType, Any]] = [
        ("number", 50.0),
        ("number", 0.5),
        ("boolean", True),
        ("boolean", False),
        ("text", None),
        ("date", date(2026, 3, 2)),
        ("datetime", datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=1)))),
        ("set", ("A", "B")),
    ]
    assert [cell_text(field(k), v) for k, v in texts] == [
        "50",
        "0.5",
        "yes",
        "no",
        "",
        "2026-03-02",
        "2026-03-02T08:30:00+00:00",
        "A;B",
    ]
