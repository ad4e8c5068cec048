"""What follows from what: a click from which an opening follows, two events from one, a text that contains another."""

from __future__ import annotations

from collections.abc import Callable

from seqlang.plan.conditions import Condition, CountEvents, Fact, InFlow, Matches, Some, Span
from seqlang.semantics.domains import Numbers, Texts
from seqlang.semantics.worlds import Key, World, key_of

Narrower = Callable[["Condition | None", "Condition | None"], bool]  # whether whatever fulfils the first fulfils the second
_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0}
# A click or a reply proves the opening (LANGUAGE 9).
_PROVES = {"clicked": ("clicked", "opened"), "replied": ("replied", "opened")}
PAIRS_MAX = 40  # questions of one sort that are held against one another


def contradict(world: World, narrower: Narrower) -> bool:
    """Return whether what is known of different questions cannot be true together."""
    if len(world.truths) > 1 and _truths(world):
        return True
    if (len(world.counts) > 1 and _counts(world, narrower)) or (len(world.somes) > 1 and _somes(world, narrower)):
        return True
    return (bool(world.truths) and _contained(world)) or (bool(world.orders) and _ordered(world))


def follow(one: Condition, other: Condition) -> bool:
    """Return whether the second is true wherever the first is."""
    match one, other:
        case Fact(), Fact():
            return _facts(one, other)
        case InFlow(), InFlow():
            return one.flow == other.flow and other.was
        case Matches(), Matches():
            return one.field == other.field and one.field.type != "set" and _matches(one, other)
        case _:
            return False


def _facts(one: Fact, other: Fact) -> bool:
    if other.fact not in _PROVES.get(one.fact, (one.fact,)):
        return False
    if other.step not in (None, one.step) or (other.fact != one.fact and other.last is not None):
        return False
    return (other.url is None or (one.url or "").startswith(other.url)) and _shorter(one.last, other.last)


def _shorter(one: Span | None, other: Span | None) -> bool:
    """Return whether a range of time before now lies within another; None is all the time."""
    if other is None:
        return True
    if one is None or one.unit not in _HOURS or other.unit not in _HOURS:
        return one == other
    return one.count * _HOURS[one.unit] <= other.count * _HOURS[other.unit]


def _matches(one: Matches, other: Matches) -> bool:
    """Return whether a text that matches the first matches the second; letters beyond ASCII have cases of their own."""
    if not (one.text.isascii() and other.text.isascii()):
        return False
    text, part = one.text.lower(), other.text.lower()
    if other.how == "contains":
        return part in text
    return one.how == other.how and (text.startswith(part) if other.how == "starts with" else text.endswith(part))


def _truths(world: World) -> bool:
    held = [c for c, sign in world.truths.items() if sign][:PAIRS_MAX]
    denied = [c for c, sign in world.truths.items() if not sign][:PAIRS_MAX]
    if any(follow(one, other) for one in held for other in denied):
        return True
    ends = [c for c in held if isinstance(c, Matches) and c.how != "contains" and c.field.type != "set" and c.text.isascii()]
    return any(
        one.field == other.field and one.how == other.how and not _matches(one, other) and not _matches(other, one)
        for n, one in enumerate(ends)
        for other in ends[n + 1 :]
    )


def _counts(world: World, narrower: Narrower) -> bool:
    """A narrower question counts no more than a wider one."""
    asked = list(world.counts.items())[:PAIRS_MAX]

    def within(one: CountEvents, other: CountEvents) -> bool:
        return (
            one.event == other.event
            and (one.since_entry or not other.since_entry)
            and _shorter(one.last, other.last)
            and narrower(one.where, other.where)
        )

    return any(_more(n, m) and within(one, other) for one, n in asked for other, m in asked if one is not other)


def _somes(world: World, narrower: Narrower) -> bool:
    asked = list(world.somes.items())[:PAIRS_MAX]

    def within(one: Some, other: Some) -> bool:
        same = (one.subject, one.links, one.record, one.link) == (other.subject, other.links, other.record, other.link)
        return same and narrower(one.where, other.where)

    return any(_more(n, m) and within(one, other) for one, n in asked for other, m in asked if one is not other)


def _more(one: Numbers, other: Numbers) -> bool:
    """Return whether each of the first numbers is above each of the others."""
    return _least(one) > _most(other)


def _least(numbers: Numbers) -> float:
    return min(low for low, *_ in numbers.parts)


def _most(numbers: Numbers) -> float:
    return max(part[2] for part in numbers.parts)


def _contained(world: World) -> bool:
    """Of the texts that a field may be, one must match what is asked of it, and not match what is denied."""
    asked: dict[Key, list[tuple[Matches, bool]]] = {}
    for condition, sign in world.truths.items():
        if isinstance(condition, Matches) and condition.field.type != "set" and condition.text.isascii():
            asked.setdefault(key_of(condition.field), []).append((condition, sign))
    for key, questions in asked.items():
        state = world.fields.get(key)
        texts = state.parts.get("text") if state is not None else None
        if state is None or texts is None or state.may_be_empty or not isinstance(texts[0], Texts) or texts[0].others:
            continue
        if not any(_fits_all(str(text), questions) for text in texts[0].items):
            return True
    return False


def _fits_all(text: str, questions: list[tuple[Matches, bool]]) -> bool:
    if not text.isascii():
        return True
    lower = text.lower()
    for question, sign in questions:
        part = question.text.lower()
        fits = {"contains": part in lower, "starts with": lower.startswith(part), "ends with": lower.endswith(part)}
        if fits[question.how] != sign:
            return False
    return True


def _ordered(world: World) -> bool:
    """One field cannot be above another whose values all lie above its own."""
    for (one, other), (how, may_be_empty) in world.orders.items():
        if may_be_empty or how.void:
            continue
        first, second = world.fields.get(one), world.fields.get(other)
        for sort in first.parts if first is not None else ():
            if second is None or sort not in second.parts or first is None:
                continue
            left, right = first.parts[sort][0], second.parts[sort][0]
            if not isinstance(left, Numbers) or not isinstance(right, Numbers) or left.void or right.void:
                continue
            if not {"<", "="} & how.items and _most(left) <= _least(right):
                return True
            if not {">", "="} & how.items and _least(left) >= _most(right):
                return True
            if how.items == {"="} and (_most(left) < _least(right) or _least(left) > _most(right)):
                return True
    return False
