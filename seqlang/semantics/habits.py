"""What people write for a field who know another tool, and how it is asked here."""

from __future__ import annotations

from collections.abc import Container

from seqlang.syntax import tree

_HABITS = {
    "tag": 'write `tagged "VIP"`', "tags": 'write `tagged "VIP"`', "label": 'write `tagged "VIP"`',
    "list": 'write `in list "Expo 2026"`', "lists": 'write `in list "Expo 2026"`', "segment": 'write `in view "Fresh leads"`',
    "null": "write `is empty`", "none": "write `is empty`", "nil": "write `is empty`", "blank": "write `is empty`",
    "reply": "write `replied`", "answered": "write `replied`", "responded": "write `replied`", "response": "write `replied`",
    "open": "write `opened`", "click": "write `clicked`", "bounce": "write `bounced`", "unsubscribe": "write `unsubscribed`",
    "tomorrow": "write `1 day from today`", "yesterday": "write `1 day before today`",
    "sequence": 'write `in sequence "Renewals"`', "true": "truths are `yes` and `no`", "false": "truths are `yes` and `no`",
}  # fmt: skip
_FACTS = ("replied", "opened", "clicked", "bounced", "sent", "done", "overdue")


def hint_of_habit(path: tree.Path, steps: Container[str]) -> str | None:
    """Return how to ask for what an unknown path most likely means; None where that is not known."""
    first = path.names[0].text
    if len(path.names) == 2 and first in steps and path.names[1].text in _FACTS:
        return f"write `{path.names[1].text}({first})`"
    if len(path.names) == 1 and first in steps:
        return f'`{first}` is a step: ask as in `opened({first})`, `done({first})` or `outcome({first}) = "…"`'
    return _HABITS.get(first.lower()) if len(path.names) == 1 else None
