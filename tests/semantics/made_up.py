"""Made-up conditions, dense enough that many of them contradict themselves."""

from __future__ import annotations

from random import Random  # noqa: TID251  # with a seed

NUMBERS = ("0", "5", "10", "10.5", "20")
DATES = ("2026-03-01", "2026-03-02", "2026-03-05")
SPANS = ("1 day", "2 days", "3 days", "1 week")
TEXTS = ("a", "ab", "abc", "b", "ca")
STAGES = ("Lead", "Qualified", "Customer")


def condition(chance: Random, depth: int = 2) -> str:
    """Return the text of a condition on the fields of `FIELDS`."""
    if depth > 0 and chance.random() < 0.75:
        joined = f" {chance.choice(['and', 'and', 'or'])} ".join(
            condition(chance, depth - 1) for _ in range(chance.choice([2, 2, 3]))
        )
        return f"not ({joined})" if chance.random() < 0.15 else f"({joined})"
    made = chance.choice((number, number, choice, choice, truth, day, day, instant, text, event, deal, fact))(chance)
    return f"not ({made})" if chance.random() < 0.2 else made


def number(chance: Random) -> str:
    name = chance.choice(("score", "score", "level"))
    how = chance.randrange(6)
    if how == 0:
        return f"{name} is {chance.choice(['', 'not '])}empty"
    if how == 1:
        low, high = sorted(chance.sample([0, 5, 10, 20], 2))
        return f"{name} between {low} and {high}"
    if how == 2:
        return f"score {chance.choice(['<', '>', '=', '<=', '>='])} level"
    if how == 3:
        return f"{name} {chance.choice(['in', 'not in'])} [{', '.join(chance.sample(NUMBERS, 2))}]"
    return f"{name} {chance.choice(['=', '!=', '<', '<=', '>', '>='])} {chance.choice(NUMBERS)}"


def choice(chance: Random) -> str:
    how = chance.randrange(4)
    if how == 0:
        return f"stage is {chance.choice(['', 'not '])}empty"
    if how == 1:
        shown = ", ".join(f'"{s}"' for s in chance.sample(STAGES, 2))
        return f"stage {chance.choice(['in', 'not in'])} [{shown}]"
    return f'stage {chance.choice(["=", "!="])} "{chance.choice(STAGES)}"'


def truth(chance: Random) -> str:
    return chance.choice(
        ["newsletter", "newsletter = no", "newsletter is empty", 'tagged "VIP"', 'in sequence "Other"', 'was in sequence "Other"']
    )


def day(chance: Random) -> str:
    name = chance.choice(("trial_ends", "trial_ends", "renewal"))
    how = chance.randrange(7)
    side = chance.choice(["before", "after"])
    if how == 0:
        return f"{name} is {chance.choice(['', 'not '])}empty"
    if how == 1:
        return f"{name} in the {chance.choice(['last', 'next'])} {chance.choice(SPANS)}"
    if how == 2:
        return f"{name} {side} today"
    if how == 3:
        return f"{name} {side} {chance.choice(SPANS)} {chance.choice(['from', 'before'])} today"
    if how == 4:
        return f"trial_ends {side} renewal"
    if how == 5:
        low, high = sorted(chance.sample(DATES, 2))
        return f"{name} between {low} and {high}"
    return f"{name} {side} {chance.choice(DATES)}"


def instant(chance: Random) -> str:
    how = chance.randrange(3)
    if how == 0:
        return f"created_at in the {chance.choice(['last', 'next'])} {chance.choice((*SPANS, '5 hours'))}"
    if how == 1:
        return f"created_at {chance.choice(['before', 'after'])} now"
    return f"created_at {chance.choice(['before', 'after'])} {chance.choice(DATES)}T09:00+01:00"


def text(chance: Random) -> str:
    how = chance.randrange(4)
    if how == 0:
        return f"title is {chance.choice(['', 'not '])}empty"
    if how == 1:
        return f'title {chance.choice(["=", "!="])} "{chance.choice(TEXTS)}"'
    return f'title {chance.choice(["contains", "starts with", "ends with"])} "{chance.choice(TEXTS)}"'


def event(chance: Random) -> str:
    asked = 'event "visit"' + chance.choice(["", "", ' with url contains "ab"', ' with url contains "a"'])
    last = chance.choice(["", "", " in the last 2 days", " in the last 1 week"])
    if chance.random() < 0.4:
        return f"{asked}{last}"
    return f"count({asked}){last} {chance.choice(['>=', '>', '=', '<', '<=', '!='])} {chance.randrange(4)}"


def deal(chance: Random) -> str:
    inside = chance.choice(
        [
            'stage = "Won"', 'stage != "Won"', "amount > 5", "amount > 10", 'stage = "Won" and amount > 5', "amount is empty",
            'stage = "Won" and stage = "Lost"', "amount > 5 and amount < 3",
        ]
    )  # fmt: skip
    if chance.random() < 0.5:
        return f"deal with ({inside})"
    return f"count(deal with ({inside})) {chance.choice(['>=', '>', '=', '<', '<='])} {chance.randrange(3)}"


def fact(chance: Random) -> str:
    name = chance.choice(["opened", "clicked", "replied", "bounced"])
    if name == "clicked" and chance.random() < 0.5:
        return f'clicked(hello, "https://example.com/{chance.choice(["", "a", "ab"])}")'
    last = chance.choice(["", "", " in the last 2 days", " in the last 1 week"])
    return f"{name}{chance.choice(['', '(hello)'])}{last}"
