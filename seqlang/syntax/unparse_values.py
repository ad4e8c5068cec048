"""Values, moments and conditions to text."""

from __future__ import annotations

import re

from seqlang.syntax import tree
from seqlang.syntax.lines import GOES_ON

_PLAIN = re.compile(r"[^\W\d]\w*")
# A comparison does not begin with these words, nor a value with those, unless they stand in backticks.
COMPARISON_WORDS = frozenset({
    "not", "event", "count", "in", "was", "tagged", "replied", "opened", "clicked", "bounced", "sent", "done", "overdue",
    "outcome",
    "unsubscribed", "finished",
})  # fmt: skip
VALUE_WORDS = frozenset({"yes", "no", "today", "now", "choose"})
_TRUTHS = frozenset({"true", "True", "TRUE", "Yes", "YES", "false", "False", "FALSE", "No", "NO"})
_UNITS = {"minute": "minute", "hour": "hour", "day": "day", "week": "week", "working day": "working day"}
ONE_LINE_MAX = 80  # characters of options that are written on one line


def name(node: tree.Name, *, begins: bool = False, reserved: frozenset[str] = frozenset()) -> str:
    """Return a name; in backticks where it has other characters, or where a word would mean more there."""
    written = node.text
    if not _PLAIN.fullmatch(written) or written in reserved or (begins and written in GOES_ON):
        if not written or "`" in written or "\n" in written:
            raise ValueError(f"`{written}` cannot be a name")
        return f"`{written}`"
    return written


def path(node: tree.Path, *, reserved: frozenset[str] = frozenset(), behind_add: bool = False) -> str:
    """Return a path; `reserved`: words that would mean something else as its first name."""
    if behind_add and node.names[0].text == "to" and len(node.names) == 1:
        reserved = reserved | {"to"}
    first, *rest = node.names
    return ".".join([name(first, reserved=reserved), *map(name, rest)])


def text(node: tree.Text) -> str:
    """Return a text in quotes; one that was long and has several lines again in three."""
    if node.long and "\n" in node.value:
        return _long_text(node.value)
    return '"' + "".join(_escaped(char, "\n\t") for char in node.value) + '"'


def _escaped(char: str, named: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char in named:
        return "\\n" if char == "\n" else "\\t"
    if char == "\n" or (char.isprintable() and char not in "\u2028\u2029"):
        return char
    return f"\\u{{{ord(char):X}}}"


def _long_text(value_: str) -> str:
    lines = ["".join(_escaped(char, "\t") for char in line) for line in value_.split("\n")]
    lines = [re.sub(r"^ | $", r"\\u{20}", line) if not line.strip() or line.endswith(" ") else line for line in lines]
    if all(line.startswith(" ") for line in lines if line):
        lines = ["\\u{20}" + line[1:] if line.startswith(" ") else line for line in lines]
    return '"""\n' + "\n".join(lines) + '\n"""'


def number(node: tree.Number) -> str:
    """Return a number; as it was written, where that means the same."""
    plain = node.raw.replace("_", "")
    if (
        plain
        and re.fullmatch(r"-?\d+(\.\d+)?", plain)
        and float(plain) == node.value
        and ("." in plain) == isinstance(node.value, float)
    ):
        return node.raw
    if isinstance(node.value, float):
        written = f"{node.value:.17f}".rstrip("0")
        if float(repr(node.value)) == node.value and "e" not in repr(node.value):
            written = repr(node.value)
        return written + "0" if written.endswith(".") else written
    return str(node.value)


def duration(node: tree.Duration) -> str:
    """Return a duration: `1 day`, `3 working days`."""
    count = number(tree.Number(node.count))
    return f"{count} {_UNITS[node.unit]}{'' if node.count == 1 else 's'}"


def moment(
    node: tree.Moment, *, fixed: bool = False, behind_on: bool = False, reserved: frozenset[str] = frozenset({"today", "now"})
) -> str:
    """Return a moment; `fixed`: where `today`, `now` and shifts cannot stand."""
    match node:
        case tree.Date(raw) | tree.Instant(raw):
            return raw
        case tree.Path():
            if fixed:
                return path(node, reserved=frozenset())
            return path(node, reserved=reserved)
        case tree.Today() | tree.Now() if not fixed:
            return "today" if isinstance(node, tree.Today) else "now"
        case tree.Shifted(span, sign, origin) if not fixed:
            return f"{duration(span)} {'from' if sign > 0 else 'before'} {moment(origin)}"
    raise ValueError(f"no text means {type(node).__name__} here" + (" behind `on`" if behind_on else ""))


def value(node: tree.Value, *, behind_assign: bool = False, behind_from: bool = False, in_option: bool = False) -> str:
    """Return a value."""
    match node:
        case tree.Text():
            return text(node)
        case tree.Number():
            return number(node)
        case tree.Truth(truth):
            return "yes" if truth else "no"
        case tree.Duration():
            return duration(node)
        case tree.Date(raw) | tree.TimeOfDay(raw) | tree.Instant(raw):
            return raw
        case tree.ListOf(items):
            return f"[{', '.join(map(value, items))}]"
        case tree.ObjectOf(inside):
            return options(inside)
        case tree.Choose(cases):
            return f"choose {{ {'; '.join(map(_case, cases))} }}"
        case tree.Path():
            reserved = VALUE_WORDS | _TRUTHS | ({"round"} if behind_assign else set()) | ({"list"} if behind_from else set())
            if in_option and len(node.names) == 1:  # a bare word in an option: a step may be called so
                reserved -= {"today", "now"}
            return path(node, reserved=frozenset(reserved))
        case tree.Today() | tree.Now() | tree.Shifted():
            return moment(node)


def _case(node: tree.ChooseCase) -> str:
    return f"{value(node.value)} " + ("otherwise" if node.when is None else f"when {condition(node.when)}")


def options(items: tuple[tree.Option, ...]) -> str:
    """Return options in braces: on one line where they are short."""
    parts = [f"{name(item.name, begins=True)}: {value(item.value, in_option=True)}" for item in items]
    line = ", ".join(parts)
    if "\n" in line or len(line) > ONE_LINE_MAX:
        return "{\n" + "\n".join(parts) + "\n}"
    return f"{{ {line} }}" if parts else "{ }"


def _within(node: tree.Within | None) -> str:
    return "" if node is None else f" in the {'next' if node.sign > 0 else 'last'} {duration(node.duration)}"


def _left(node: tree.Path) -> str:
    return path(node, reserved=COMPARISON_WORDS)


def condition(node: tree.Condition) -> str:  # noqa: PLR0911, C901, PLR0912
    """Return a condition."""
    match node:
        case tree.Or(items):
            return " or ".join(f"({condition(item)})" if isinstance(item, tree.Or) else condition(item) for item in items)
        case tree.And(items):
            return " and ".join(
                f"({condition(item)})" if isinstance(item, tree.And | tree.Or) else condition(item) for item in items
            )
        case tree.Not(item):
            return f"not ({condition(item)})" if isinstance(item, tree.And | tree.Or) else f"not {condition(item)}"
        case tree.Group(item):
            return f"({condition(item)})"
        case tree.Compare(left, op, right):
            return f"{_left(left)} {op} {value(right)}"
        case tree.OneOf(left, values, negated):
            return f"{_left(left)}{' not' if negated else ''} in {_list(values)}"
        case tree.Matches(left, how, right):
            return f"{_left(left)} {how} {value(right)}"
        case tree.WithinOf(left, within):
            return _left(left) + _within(within)
        case tree.Relative(left, side, when):
            moment_words = frozenset({"today", "now", "choose"})
            return f"{_left(left)} {side} {value(when) if isinstance(when, tree.Choose) else moment(when, reserved=moment_words)}"
        case tree.Between(left, low, high):
            return f"{_left(left)} between {value(low)} and {value(high)}"
        case tree.IsEmpty(left, negated):
            return f"{_left(left)} is {'not ' if negated else ''}empty"
        case tree.Holds(field):
            return _left(field)
        case tree.With(record, where):
            return f"{name(record, reserved=COMPARISON_WORDS)} with ({condition(where)})"
        case tree.Unsubscribed():
            return "unsubscribed"
        case tree.Finished():
            return "finished"
        case tree.AccountReplied():
            return "account replied"
        case tree.InView(view):
            return f"in view {text(view)}"
        case tree.InList(chosen):
            return f"in list {text(chosen)}"
        case tree.Tagged(tag):
            return f"tagged {text(tag)}"
        case tree.InSequence(flow, was):
            return f"{'was ' if was else ''}in sequence {text(flow)}"
        case tree.Broken():
            raise ValueError("what could not be read cannot be written")
    return _asking(node)


def _asking(node: tree.Happened | tree.Count | tree.StepFact | tree.Outcome) -> str:
    match node:
        case tree.Happened(event, where, within, since):
            inside = "" if where is None else f" with ({condition(where)})"
            return f"event {text(event)}{inside}{_within(within)}{' since entry' if since else ''}"
        case tree.Count(target, op, limit, within, since):
            asked = name(target, reserved=frozenset({"event"})) if isinstance(target, tree.Name) else condition(target)
            return f"count({asked}){_within(within)}{' since entry' if since else ''} {op} {value(limit)}"
        case tree.StepFact(fact, step, url, within, since):
            inside = "" if step is None else f"({name(step)}{'' if url is None else ', ' + text(url)})"
            return f"{fact}{inside}{_within(within)}{' since entry' if since else ''}"
        case tree.Outcome(step, op, right):
            return f"outcome({name(step)}) {op} " + (value(right) if op in ("=", "!=") else _list(right))


def _list(node: tree.Value) -> str:
    """Return what stands behind `in`: a list, or a constant."""
    if isinstance(node, tree.Path):
        return path(node, reserved=frozenset({"the"}))
    return value(node)
