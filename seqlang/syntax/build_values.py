"""Builders of values: from the children of a rule of the grammar to a node."""

from __future__ import annotations

from typing import Any

from seqlang.diagnostics.source import Span
from seqlang.syntax import tree
from seqlang.syntax.misuse import Misuse
from seqlang.syntax.tokens import Token

SHIFTS_MAX = 10  # of one moment

Children = list[Any]  # tokens and nodes, in the order of the text; None where something optional is not there


def span_of(children: Children) -> Span:
    """Return the span from the first child to the last."""
    first = children[0]
    at = -1
    last = children[-1]
    while last is None:
        at -= 1
        last = children[at]
    return Span(
        first.start if type(first) is Token else first.span.start,
        last.end if type(last) is Token else last.span.end,
    )


def span_at(token: Token) -> Span:
    """Return the span of one token."""
    return Span(token.start, token.end)


def name(token: Token) -> tree.Name:
    """Return the name that a word or a name in backticks stands for."""
    return tree.Name(str(token.value), token.kind == "NAME", span=Span(token.start, token.end))


def text(token: Token) -> tree.Text:
    """Return the text that a token stands for."""
    return tree.Text(str(token.value), token.text.startswith('"""'), span=Span(token.start, token.end))


def number(token: Token) -> tree.Number:
    """Return the number that a token stands for."""
    assert not isinstance(token.value, str)
    return tree.Number(token.value, token.text, span=Span(token.start, token.end))


def date(token: Token) -> tree.Date:
    """Return the date that a token stands for."""
    return tree.Date(token.text, span=Span(token.start, token.end))


def time(token: Token) -> tree.TimeOfDay:
    """Return the time of day that a token stands for."""
    return tree.TimeOfDay(token.text, span=Span(token.start, token.end))


def value(child: Any) -> Any:
    """Return a value, moment or day: a node as it is, a token as the literal that it is."""
    if type(child) is not Token:
        return child
    kind = child.kind
    if kind == "STRING":
        return text(child)
    if kind == "NUMBER":
        return number(child)
    span = Span(child.start, child.end)
    if kind == "DATE":
        return tree.Date(child.text, span=span)
    if kind == "INSTANT":
        return tree.Instant(child.text, span=span)
    if kind == "TIME":
        return tree.TimeOfDay(child.text, span=span)
    word = child.text
    if word == "today":
        return tree.Today(span=span)
    if word == "now":
        return tree.Now(span=span)
    return tree.Truth(word == "yes", span=span)


_TRUTHS = {
    "true": "yes", "True": "yes", "TRUE": "yes", "Yes": "yes", "YES": "yes", "false": "no", "False": "no", "FALSE": "no",
    "No": "no",
    "NO": "no",
}  # fmt: skip


def operand(c: Children) -> tree.Value:
    """`"x"`, `3 days`, `a.b`, `choose { … }`, … ."""
    node: tree.Value = value(c[0])
    if type(node) is tree.Path and len(node.names) == 1 and node.names[0].text in _TRUTHS and not node.names[0].quoted:
        word = node.names[0].text
        right = _TRUTHS[word]
        raise Misuse(
            "SEQ126", node.span, f"`{word}` is written `{right}`", hint="truths are `yes` and `no`", mend=right, safe=True
        )
    return node


def _duration(c: Children, unit: tree.Unit) -> tree.Duration:
    return tree.Duration(c[0].value, unit, span=Span(c[0].start, c[-1].end))


def minutes(c: Children) -> tree.Duration:
    """`30 minutes`."""
    return _duration(c, "minute")


def hours(c: Children) -> tree.Duration:
    """`4 hours`."""
    return _duration(c, "hour")


def days(c: Children) -> tree.Duration:
    """`3 days`."""
    return _duration(c, "day")


def weeks(c: Children) -> tree.Duration:
    """`2 weeks`."""
    return _duration(c, "week")


def working_days(c: Children) -> tree.Duration:
    """`3 working days`."""
    return _duration(c, "working day")


def list_(c: Children) -> tree.ListOf:
    """`["DE", "AT"]`."""
    items = tuple(value(child) for child in c[1:-1] if child is not None and not _is_sign(child, ","))
    return tree.ListOf(items, span=span_of(c))


def _is_sign(child: Any, sign: str) -> bool:
    return type(child) is Token and child.kind == sign


class Block:
    """What stands in braces, on the way to the node that it belongs to."""

    __slots__ = ("items", "span")

    def __init__(self, items: tuple[Any, ...], span: Span) -> None:
        self.items = items
        self.span = span


def nodes(children: Children) -> tuple[Any, ...]:
    """Return the nodes among some children: all but tokens and what is not there."""
    return tuple(child for child in children if child is not None and type(child) is not Token)


def block(c: Children) -> Block:
    """`{ … }`."""
    return Block(nodes(c), span_of(c))


def items_of(child: Block | None) -> tuple[Any, ...]:
    """Return what stands in a block; nothing where it was left out."""
    return () if child is None else child.items


def object_(c: Children) -> tree.ObjectOf:
    """`{ key: value }` as a value."""
    return tree.ObjectOf(c[0].items, span=c[0].span)


def option(c: Children) -> tree.Option:
    """`name: value`."""
    given = value(c[2])
    if type(given) is tree.Today or type(given) is tree.Now:  # a bare word in an option: a step may be called so
        given = tree.Path((tree.Name("today" if type(given) is tree.Today else "now", span=given.span),), span=given.span)
    return tree.Option(name(c[0]), given, span=span_of(c))


def option_in_quotes(c: Children) -> tree.Option:
    """`"name": value`: a name in the wrong quotes."""
    raise Misuse.name_in_quotes(c[0])


def path(c: Children) -> tree.Path:
    """`account.industry`."""
    if len(c) == 1:
        only = name(c[0])
        return tree.Path((only,), span=only.span)
    return tree.Path(tuple(name(token) for token in c[::2]), span=span_of(c))


def choose(c: Children) -> tree.Choose:
    """`choose { … }`."""
    return tree.Choose(nodes(c), span=span_of(c))


def choose_case(c: Children) -> tree.ChooseCase:
    """`VALUE when COND`, `VALUE otherwise`."""
    return tree.ChooseCase(value(c[0]), c[2] if len(c) > 2 else None, span=span_of(c))


def _check_chain(c: Children) -> None:
    """Refuse a moment that is shifted again and again."""
    depth, inside = 1, c[2]
    while type(inside) is tree.Shifted:
        depth, inside = depth + 1, inside.origin
    if depth > SHIFTS_MAX:
        raise Misuse("SEQ115", span_of(c[:2]), f"a moment is shifted at most {SHIFTS_MAX} times")


def shifted(c: Children) -> tree.Shifted:
    """`3 days from today`, `3 days before trial_ends`."""
    _check_chain(c)
    return tree.Shifted(c[0], 1 if c[1].text == "from" else -1, value(c[2]), span=span_of(c))


def shifted_after(c: Children) -> tree.Shifted:
    """`3 days after trial_ends`, which is `3 days from trial_ends`."""
    _check_chain(c)
    return tree.Shifted(c[0], 1, value(c[2]), span=span_of(c))


BUILDERS = {
    "operand": operand, "minutes": minutes, "hours": hours, "days": days, "weeks": weeks, "working_days": working_days,
    "list": list_, "object": object_, "options": block, "body": block, "option": option, "option_in_quotes": option_in_quotes,
    "path": path, "path_from_day": path, "path_from_to": path, "choose": choose, "choose_case": choose_case, "shifted": shifted,
    "shifted_after": shifted_after,
}  # fmt: skip
