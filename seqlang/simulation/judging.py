"""Whether what happened in a test is what was expected, and the timeline beside it where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from seqlang.simulation.lines import Line, shown_at, told
from seqlang.simulation.trials import Expected, Trial


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met."""

    expected: Expected
    reason: str  # what happened instead


@dataclass(frozen=True, slots=True)
class Played:
    """A test that was played."""

    trial: Trial
    lines: tuple[Line, ...]
    keys: Mapping[str, tuple[str, str]]  # name in the test -> (record type, key)
    truths: Mapping[int, bool | None]  # place of an `expect … where` -> whether it held
    warnings: tuple[str, ...] = ()


def judge(played: Played) -> tuple[Failure, ...]:
    """Return every expectation that was not met, in the order of the test."""
    failures = []
    for expected in played.trial.expected:
        reason = _why_not(played, expected)
        if reason is not None:
            failures.append(Failure(expected, reason))
    return tuple(failures)


def report(played: Played, failures: Sequence[Failure]) -> str:
    """Return, for each record with a failure, its expectations and its timeline side by side."""
    parts = [f"warning: {w}" for w in played.warnings]
    parts.extend(f"line {f.expected.line}: {f.expected.text}\n  but {f.reason}" for f in failures)
    for name in dict.fromkeys(f.expected.node.who.text for f in failures):
        parts.append(f"timeline of {name}:")
        own = list(_lines_of(played, name))
        missed = {f.expected.place for f in failures}
        rows = [(line.at, 0, f"  {_moment(line.at, line.zone)}  {told(line)}") for line in own]
        for expected in played.trial.expected:
            if expected.node.who.text == name:
                mark = "expected, not so:" if expected.place in missed else "expected:"
                at = expected.first if expected.first is not None else played.trial.until
                day = _moment(at, played.trial.zone)[:10] if expected.first is not None else "at the end"
                rows.append((expected.end or played.trial.until, 1, f"  {day:<16}    {mark} {expected.text}"))
        parts.extend(text for _, _, text in sorted(rows, key=lambda r: (r[0], r[1])))
        if not own:
            parts.append("  nothing happened")
    return "\n".join(parts)


def _moment(at: datetime, zone: str) -> str:
    return shown_at(at, zone)[:16].replace("T", " ")


def _lines_of(played: Played, name: str) -> Iterable[Line]:
    record, key = played.keys[name]
    wanted = f"{record}:{key}".casefold()
    for line in played.lines:
        about = record == "contact" and line.contact is not None and line.contact.casefold() == key.casefold()
        if about or line.record.casefold() == wanted:
            yield line


def _within(expected: Expected, lines: Iterable[Line]) -> list[Line]:
    return [
        line
        for line in lines
        if (expected.first is None or line.at >= expected.first) and (expected.end is None or line.at < expected.end)
    ]


def _why_not(played: Played, expected: Expected) -> str | None:
    node = expected.node
    own = list(_lines_of(played, node.who.text))
    found = _within(expected, own)
    match node.what:
        case "to":
            step = node.step.text if node.step else ""
            if any(line.what == "executed" and line.step == step for line in found):
                return None
            return _instead(found, own, step)
        case "nothing":
            got = [line for line in found if line.what == "executed" and line.channel]
            return f"{_listed(got)}" if got else None
        case "skipped":
            step = node.step.text if node.step else ""
            if any(line.what == "skipped" and line.step == step for line in found):
                return None
            return _instead(found, own, step)
        case "in" | "not in":
            return _membership(expected, own, wanted=node.what == "in")
        case "exited":
            reason = getattr(node.reason, "value", None) or getattr(node.reason, "text", None)
            left = [line for line in found if line.what == "exited"]
            if any(reason is None or line.why == reason for line in left):
                return None
            who = node.who.text
            return f"{who} left because of {_listed_whys(left)}" if left else f"{who} did not leave{_then(own)}"
        case "on side":
            split, side = node.split, node.side
            taken = [line for line in own if line.what == "branched" and split and line.step == split.value]
            if any(side and line.why == side.value for line in taken):
                return None
            return f"{node.who.text} went to `{taken[-1].why}`" if taken else f"{node.who.text} did not come to the split"
        case _:
            truth = played.truths.get(expected.place)
            return None if truth else "it does not hold"


def _membership(expected: Expected, own: Sequence[Line], *, wanted: bool) -> str | None:
    def counts(line: Line) -> bool:
        if expected.look_at is None:
            return True
        return line.at <= expected.look_at if expected.included else line.at < expected.look_at

    inside = sum((line.what == "entered") - (line.what == "exited") for line in own if counts(line))
    if (inside > 0) == wanted:
        return None
    who = expected.node.who.text
    left = [line for line in own if line.what == "exited" and counts(line)]
    if wanted:
        return f"{who} left because of {_listed_whys(left)}" if left else f"{who} never came in"
    return f"{who} is in"


def _instead(found: Sequence[Line], own: Sequence[Line], step: str) -> str:
    elsewhere = [line for line in own if line.step == step and line not in found and line.what != "branched"]
    if elsewhere:
        line = elsewhere[0]
        return f"it is {told(line)} at {_moment(line.at, line.zone)}"
    about = [line for line in found if line.step == step]
    if about:
        return ", ".join(told(line) for line in about)
    return f"there was {_listed(found)}" if found else f"nothing happened then{_then(own)}"


def _then(own: Sequence[Line]) -> str:
    return "" if own else ": the record never came in"


def _listed(lines: Sequence[Line]) -> str:
    return ", ".join(f"{told(line)} at {_moment(line.at, line.zone)}" for line in lines)


def _listed_whys(lines: Sequence[Line]) -> str:
    return ", ".join(dict.fromkeys(f"`{line.why}`" for line in lines))
