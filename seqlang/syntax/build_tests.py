"""Builders of tests: from the children of a rule of the grammar to a node."""

from __future__ import annotations

from typing import Any

from seqlang.syntax import tree
from seqlang.syntax.build_values import Children, date, items_of, name, nodes, span_of, text, value


def test(c: Children) -> tree.Test:
    """`test "x" { … }`."""
    return tree.Test(text(c[1]), nodes(c[2:]), span=span_of(c))


def test_flow(c: Children) -> tree.TestFlow:
    """`sequence "x"`."""
    return tree.TestFlow(c[0].text, text(c[1]), span=span_of(c))


def test_start(c: Children) -> tree.TestStart:
    """`start 2026-03-02T08:00`."""
    return tree.TestStart(value(c[1]), span=span_of(c))


def test_record(c: Children) -> tree.TestRecord:
    """`contact kim { … }`."""
    return tree.TestRecord(name(c[0]), name(c[1]), c[2].items, span=span_of(c))


def test_line(c: Children) -> tree.TestLine:
    """`on day 2 kim replied to hello`."""
    when = c[0] if len(c) == 2 else value(c[1])
    return tree.TestLine(when, c[-1], span=span_of(c))


def test_line_at_the_end(c: Children) -> tree.TestLine:
    """`expect kim in`."""
    return tree.TestLine(None, c[0], span=span_of(c))


# --------------------------------------------------------------------------------------------- events


def replied(c: Children) -> tree.TestEvent:
    """`kim replied to hello out of office until DATE`."""
    flag: Any = "out of office" if len(c) > 4 else None
    until = None if len(c) < 9 or c[8] is None else date(c[8])
    return tree.TestEvent(name(c[0]), "replied", name(c[3]), flag=flag, until=until, span=span_of(c))


def opened(c: Children) -> tree.TestEvent:
    """`kim opened hello by machine`."""
    return tree.TestEvent(name(c[0]), "opened", name(c[2]), flag=None if c[3] is None else "machine", span=span_of(c))


def clicked(c: Children) -> tree.TestEvent:
    """`kim clicked hello "https://…" by machine`."""
    link = None if c[3] is None else text(c[3])
    return tree.TestEvent(name(c[0]), "clicked", name(c[2]), link, flag=None if c[4] is None else "machine", span=span_of(c))


def bounced(c: Children) -> tree.TestEvent:
    """`kim bounced on hello soft`."""
    return tree.TestEvent(name(c[0]), "bounced", name(c[3]), flag=None if c[4] is None else "soft", span=span_of(c))


def unsubscribed(c: Children) -> tree.TestEvent:
    """`kim unsubscribed`."""
    return tree.TestEvent(name(c[0]), "unsubscribed", span=span_of(c))


def reported(c: Children) -> tree.TestEvent:
    """`kim reported "No answer" for ring`."""
    return tree.TestEvent(name(c[0]), "reported", name(c[4]), text(c[2]), span=span_of(c))


def released(c: Children) -> tree.TestEvent:
    """`kim released hello`."""
    return tree.TestEvent(name(c[0]), "released", name(c[2]), span=span_of(c))


def did(c: Children) -> tree.TestEvent:
    """`kim did event "x" { … }`."""
    return tree.TestEvent(name(c[0]), "did", text=text(c[3]), properties=items_of(c[4]), span=span_of(c))


def set_(c: Children) -> tree.TestEvent:
    """`kim set score = 5`."""
    return tree.TestEvent(name(c[0]), "set", field=c[2], value=c[4], span=span_of(c))


def enrolled(c: Children) -> tree.TestEvent:
    """`kim enrolled`."""
    return tree.TestEvent(name(c[0]), "enrolled", span=span_of(c))


def in_list(c: Children) -> tree.TestEvent:
    """`kim is in list "x"`."""
    return tree.TestEvent(name(c[0]), "is in list", text=text(c[4]), span=span_of(c))


def takes(c: Children) -> tree.TestEvent:
    """`kim takes "plain" of "offer"`."""
    return tree.TestEvent(name(c[0]), "takes", text=text(c[2]), split=text(c[4]), span=span_of(c))


# --------------------------------------------------------------------------------------- expectations


def to(c: Children) -> tree.TestExpect:
    """`expect hello to kim`."""
    return tree.TestExpect("to", name(c[3]), name(c[1]), span=span_of(c))


def nothing(c: Children) -> tree.TestExpect:
    """`expect nothing to kim`."""
    return tree.TestExpect("nothing", name(c[3]), span=span_of(c))


def skipped(c: Children) -> tree.TestExpect:
    """`expect kim skipped hello`."""
    return tree.TestExpect("skipped", name(c[1]), name(c[3]), span=span_of(c))


def in_(c: Children) -> tree.TestExpect:
    """`expect kim in`."""
    return tree.TestExpect("in", name(c[1]), span=span_of(c))


def not_in(c: Children) -> tree.TestExpect:
    """`expect kim not in`."""
    return tree.TestExpect("not in", name(c[1]), span=span_of(c))


def exited(c: Children) -> tree.TestExpect:
    """`expect kim exited because replied`."""
    reason = text(c[4]) if c[4].kind == "STRING" else name(c[4])
    return tree.TestExpect("exited", name(c[1]), reason=reason, span=span_of(c))


def side(c: Children) -> tree.TestExpect:
    """`expect kim on "plain" of "offer"`."""
    return tree.TestExpect("on side", name(c[1]), side=text(c[3]), split=text(c[5]), span=span_of(c))


def where(c: Children) -> tree.TestExpect:
    """`expect kim where COND`."""
    return tree.TestExpect("where", name(c[1]), where=c[3], span=span_of(c))


BUILDERS: dict[str, Any] = {
    "test": test, "test_flow": test_flow, "test_start": test_start, "test_record": test_record, "test_line": test_line,
    "test_line_at_the_end": test_line_at_the_end, "event_replied": replied, "event_opened": opened, "event_clicked": clicked,
    "event_bounced": bounced, "event_unsubscribed": unsubscribed, "event_reported": reported, "event_released": released,
    "event_did": did, "event_set": set_, "event_enrolled": enrolled, "event_in_list": in_list, "event_takes": takes,
    "expect_to": to, "expect_nothing": nothing, "expect_skipped": skipped, "expect_in": in_, "expect_not_in": not_in,
    "expect_exited": exited, "expect_side": side, "expect_where": where,
}  # fmt: skip
