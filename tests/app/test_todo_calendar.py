"""Values of a calendar: escaped, folded by bytes, and read back by another implementation."""

from __future__ import annotations

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from seqlang.app.todo_calendar import escaped, folded


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from("\n,;\\:"), max_size=300))
def test_text_comes_back_as_it_was(text: str) -> None:
    lines = list(folded(f"SUMMARY:{escaped(text)}"))
    assert all(len(line.encode()) <= 75 for line in lines)
    body = "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])
    assert str(icalendar.Event.from_ical(body)["SUMMARY"]) == text


def test_line_that_smuggles_stays_one_value() -> None:
    assert "\r" not in escaped("a\r\nATTENDEE:evil")
    assert "\n" not in escaped("a\r\nATTENDEE:evil")
