"""Builders of steps and statements: from the children of a rule of the grammar to a node."""

from __future__ import annotations

from typing import Any

from seqlang.diagnostics.source import Span
from seqlang.syntax import tree
from seqlang.syntax.build_values import Block, Children, items_of, name, nodes, number, span_of, text, value
from seqlang.syntax.misuse import Misuse


def step(c: Children) -> tree.Step:
    """`step hello: email on day 1 when COND { … }`."""
    return tree.Step(name(c[1]), name(c[3]), c[4], c[6], items_of(c[7]), span=span_of(c))


def on_day(c: Children) -> tree.OnDay:
    """`on day 3`."""
    return tree.OnDay(number(c[2]), span=span_of(c))


def on_moment(c: Children) -> tree.OnMoment:
    """`on trial_ends`."""
    return tree.OnMoment(value(c[1]), span=span_of(c))


def after(c: Children) -> tree.After:
    """`after 2 days`."""
    return tree.After(c[1], span=span_of(c))


def around(c: Children) -> tree.Around:
    """`3 days after quote`."""
    return tree.Around(c[0], 1 if c[1].text == "after" else -1, value(c[2]), span=span_of(c))


def set_(c: Children) -> tree.Set:
    """`set stage = "x"`."""
    return tree.Set(c[1], c[3], span=span_of(c))


def add(c: Children) -> tree.Add:
    """`add score 5`."""
    word = c[1].text
    if word in ("tag", "list", "to") and isinstance(c[2], tree.Text):
        right = 'tag "…"' if word == "tag" else 'add to list "…"'
        raise Misuse("SEQ101", Span(c[0].start, c[1].span.end), f"`add {word}` adds to a number", hint=f"write `{right}`")
    return tree.Add(c[1], c[2], span=span_of(c))


def assign(c: Children) -> tree.Assign:
    """`assign "ana@example.com"`."""
    return tree.Assign(c[1], round_robin=False, span=span_of(c))


def assign_round_robin(c: Children) -> tree.Assign:
    """`assign round robin [ … ]`."""
    return tree.Assign(c[3], round_robin=True, span=span_of(c))


def tag(c: Children) -> tree.Tag:
    """`tag "T"`."""
    return tree.Tag(c[1], remove=False, span=span_of(c))


def untag(c: Children) -> tree.Tag:
    """`untag "T"`."""
    return tree.Tag(c[1], remove=True, span=span_of(c))


def list_add(c: Children) -> tree.ListChange:
    """`add to list "L"`."""
    return tree.ListChange(c[3], remove=False, span=span_of(c))


def list_remove(c: Children) -> tree.ListChange:
    """`remove from list "L"`."""
    return tree.ListChange(c[3], remove=True, span=span_of(c))


def enroll(c: Children) -> tree.Enrol:
    """`enroll in "SEQ"`."""
    return tree.Enrol("enroll", c[2], span=span_of(c))


def remove(c: Children) -> tree.Enrol:
    """`remove from "SEQ"`."""
    return tree.Enrol("remove", c[2], span=span_of(c))


def move(c: Children) -> tree.Enrol:
    """`move to "SEQ"`."""
    return tree.Enrol("move", c[2], span=span_of(c))


def exit_now(c: Children) -> tree.ExitNow:
    """`exit`."""
    return tree.ExitNow(span=span_of(c))


def wait(c: Children) -> tree.Wait:
    """`wait 2 days`."""
    return tree.Wait(c[1], span=span_of(c))


def _wait_end(c: Children) -> dict[str, Any]:
    """Return the fields that `for at most D` or `at latest X in ZONE` gives, from the children behind the condition or moment."""
    if not c or c[0] is None:
        return {}
    if c[0].text == "for":
        return {"at_most": c[3]}
    zone = text(c[4]) if len(c) > 4 and c[4] is not None else None
    return {"at_latest": value(c[2]), "at_latest_zone": zone}


def wait_until(c: Children) -> tree.WaitUntil:
    """`wait until COND for at most 3 days`."""
    return tree.WaitUntil(c[2], **_wait_end(c[3:]), span=span_of(c))


def wait_until_moment(c: Children) -> tree.WaitUntil:
    """`wait until 2026-12-24T09:00 in "Europe/Berlin"`."""
    zone = None if c[4] is None else text(c[4])
    return tree.WaitUntil(None, value(c[2]), zone, **_wait_end(c[5:]), span=span_of(c))


def if_(c: Children) -> tree.If:
    """`if a { … } else if b { … } else { … }`."""
    branches: list[tree.Branch] = []
    otherwise: tuple[Any, ...] | None = None
    start, at = c[0].start, 1
    while at < len(c) and c[at] is not None:
        body: Block = c[at + 1]
        branches.append(tree.Branch(c[at], body.items, span=tree_span(start, body)))
        at += 2
        if at < len(c) and c[at] is not None:
            start = c[at].start
            if type(c[at + 1]) is Block:
                otherwise = c[at + 1].items
                break
            at += 2
    return tree.If(tuple(branches), otherwise, span=span_of(c))


def tree_span(start: int, body: Block) -> Any:
    """Return the span from an offset to the end of a block."""
    return type(body.span)(start, body.span.end)


def split(c: Children) -> tree.Split:
    """`split "offer" winner by clicked after 5 days { … }`."""
    by = None if c[2] is None else name(c[4])
    return tree.Split(text(c[1]), by, c[6], nodes(c[7:]), span=span_of(c))


def side(c: Children) -> tree.Side:
    """`60% "plain" { … }`."""
    return tree.Side(number(c[0]), text(c[2]), c[3].items, span=span_of(c))


def holdout(c: Children) -> tree.Side:
    """`10% holdout`."""
    return tree.Side(number(c[0]), None, (), span=span_of(c))


BUILDERS: dict[str, Any] = {
    "step": step, "on_day": on_day, "on_moment": on_moment, "after": after, "around": around, "set": set_, "add": add,
    "assign": assign, "assign_round_robin": assign_round_robin, "tag": tag, "untag": untag, "list_add": list_add,
    "list_remove": list_remove, "enroll": enroll, "remove": remove, "move": move, "exit_now": exit_now, "wait": wait,
    "wait_until": wait_until, "wait_until_moment": wait_until_moment, "if_": if_, "split": split, "side": side,
    "holdout": holdout,
}  # fmt: skip
