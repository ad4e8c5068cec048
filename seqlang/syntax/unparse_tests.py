"""Tests and the times of steps to text."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.syntax.unparse_values import condition, duration, moment, name, number, options, path, text, value

# Words that begin a line of a test, and that follow a person in one: a person or record of that name stands in backticks.
_FIRST = frozenset({"sequence", "cadence", "workflow", "journey", "start", "on", "after", "at", "expect"})
_VERBS = frozenset({
    "replied", "opened", "clicked", "bounced", "unsubscribed", "reported", "released", "did", "set", "enrolled", "is", "takes",
})  # fmt: skip
_NOTHING = frozenset({"nothing"})


def optional(word: str, node: Any, write: Callable[[Any], str]) -> str:
    """Return a word and what stands behind it; nothing where that is not there."""
    return "" if node is None else f" {word} {write(node)}"


def timing(node: tree.Timing) -> str:
    """Return when a step or a line of a test is due."""
    match node:
        case tree.OnDay(day):
            return f"on day {number(day)}"
        case tree.After(span):
            return f"after {duration(span)}"
        case tree.Around(span, sign, origin):
            return f"{duration(span)} {'after' if sign > 0 else 'before'} {moment(origin, fixed=True)}"
        case tree.OnMoment(when):
            return f"on {moment(when, fixed=True, behind_on=True)}"


@singledispatch
def test_item(node: Node) -> str:
    """Return a line of a test as text."""
    raise ValueError(f"no text means {type(node).__name__}")


@test_item.register
def _(node: tree.TestFlow) -> str:
    return f"{node.word} {text(node.name)}"


@test_item.register
def _(node: tree.TestStart) -> str:
    return f"start {node.instant.raw}"


@test_item.register
def _(node: tree.TestRecord) -> str:
    return f"{name(node.record, begins=True, reserved=_FIRST)} {name(node.name, reserved=_VERBS)} {options(node.options)}"


@test_item.register
def _(node: tree.TestLine) -> str:
    match node.when:
        case None:
            when = ""
        case tree.OnDay() | tree.After():
            when = timing(node.when) + " "
        case _:
            when = f"at {node.when.raw} "
    return when + test_item(node.body)


@test_item.register
def _(node: tree.TestEvent) -> str:
    who, step, said = name(node.who, begins=True, reserved=_FIRST), node.step and name(node.step), node.text and text(node.text)
    what: str = node.verb
    match node.verb:
        case "replied":
            what = f"replied to {step}" + (f" out of office{optional('until', node.until, moment)}" if node.flag else "")
        case "opened" | "clicked":
            what = f"{node.verb} {step}" + (f" {said}" if said else "") + (" by machine" if node.flag else "")
        case "bounced":
            what = f"bounced on {step}" + (" soft" if node.flag else "")
        case "reported":
            what = f"reported {said} for {step}"
        case "released":
            what = f"released {step}"
        case "did":
            what = f"did event {said}" + (f" {options(node.properties)}" if node.properties else "")
        case "set" if node.field is not None and node.value is not None:
            what = f"set {path(node.field)} = {value(node.value)}"
        case "is in list":
            what = f"is in list {said}"
        case "takes" if node.split is not None:
            what = f"takes {said} of {text(node.split)}"
    return f"{who} {what}"


@test_item.register
def _(node: tree.TestExpect) -> str:
    who = name(node.who, reserved=_NOTHING)
    what = f"{who} {node.what}"
    match node.what:
        case "to" if node.step is not None:
            what = f"{name(node.step, reserved=_NOTHING)} to {who}"
        case "nothing":
            what = f"nothing to {who}"
        case "skipped" if node.step is not None:
            what = f"{who} skipped {name(node.step)}"
        case "exited" if node.reason is not None:
            what = f"{who} exited because {text(node.reason) if isinstance(node.reason, tree.Text) else name(node.reason)}"
        case "on side" if node.side is not None and node.split is not None:
            what = f"{who} on {text(node.side)} of {text(node.split)}"
        case "where" if node.where is not None:
            what = f"{who} where {condition(node.where)}"
    return f"expect {what}"
