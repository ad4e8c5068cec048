"""What a provider's call says, as events: our own plain form of JSON, in which most providers can be told to speak."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seqlang.engine.telling_told import KINDS

EVENTS_MAX = 10_000
# What providers call things; None: nothing that anybody asks about.
NAMES: Mapping[str, str | None] = {
    "open": "opened", "click": "clicked", "reply": "replied", "bounce": "bounced", "unsubscribe": "unsubscribed",
    "complaint": "unsubscribed", "complained": "unsubscribed", "spam": "unsubscribed", "spamreport": "unsubscribed",
    "delivered": None, "delivery": None, "sent": None, "processed": None, "accepted": None,
}
KEYS = frozenset({
    "id", "kind", "email", "contact", "message_id", "at", "sequence", "step", "value", "url", "machine", "soft", "name",
    "properties",
})


class HookError(ValueError):
    """A call, or one event of it, says nothing that we understand; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Said:
    """One event as a provider tells it."""

    at: datetime
    who: str | None  # an e-mail address, an account's domain, `deal:NAME`; None: whoever the message went to
    message_id: str | None
    kind: str
    sequence: str | None
    step: str | None
    value: str | None
    external_id: str


def read_call(body: bytes) -> list[Any]:
    """Return the events of a call: one object, a list of them, or an object with a list `events`. HookError: it is none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise HookError("the body is no JSON") from None
    if isinstance(data, dict) and isinstance(data.get("events"), list):
        data = data["events"]
    items = data if isinstance(data, list) else [data]
    if len(items) > EVENTS_MAX:
        raise HookError(f"a call has at most {EVENTS_MAX} events")
    return items


def read_event(item: Any, hook: str, call: str | None, place: int, now: datetime) -> Said | None:
    """Return one event; None where it is of a kind that nobody asks about. HookError: it cannot be read.

    `call`: the provider's own name of the call, which with the event's place names it; else its content does.
    """
    if not isinstance(item, dict):
        raise HookError("an event is an object")
    unknown = sorted(set(item) - KEYS)
    if unknown:
        raise HookError(f"an event has no `{unknown[0]}`; it has {', '.join(sorted(KEYS))}")
    kind = _text(item, "kind")
    kind = NAMES.get(kind, kind) if kind is not None else None
    if kind is None:
        if "kind" in item:
            return None
        raise HookError("an event needs `kind`")
    if kind not in KINDS:
        raise HookError(f"there is no kind of event `{kind}`")
    who, message_id = _text(item, "email") or _text(item, "contact"), _text(item, "message_id")
    if who is None and message_id is None:
        raise HookError("an event needs `email` or `message_id`")
    return Said(_at(item.get("at"), now), who, message_id, kind, _text(item, "sequence"), _text(item, "step"), _value(kind, item),
                _name(item, hook, call, place))


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise HookError(f"`{name}` is a text")
    return value.strip()


def _at(value: Any, now: datetime) -> datetime:
    """Read an instant with an offset, or seconds since 1970; clocks that run a little ahead are forgiven."""
    if value is None:
        return now
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        else:
            found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        raise HookError(f"`{value}` is no instant") from None
    if found.tzinfo is None:
        raise HookError(f"`{value}` has no offset from UTC")
    return min(found, now)


def _value(kind: str, item: Mapping[str, Any]) -> str | None:
    """Return the value in the words of events.csv."""
    if kind == "event":
        name, properties = _text(item, "name") or _text(item, "value"), item.get("properties")
        if name is None:
            raise HookError("an `event` needs `name`")
        if properties is not None and not isinstance(properties, dict):
            raise HookError("`properties` is an object")
        return f"{name} {json.dumps(properties, ensure_ascii=False)}" if properties else name
    if kind in {"opened", "clicked"} and item.get("machine") is True:
        return "machine"
    if kind == "clicked":
        return _text(item, "url") or _text(item, "value")
    if kind == "bounced" and item.get("soft") is True:
        return "soft"
    return _text(item, "value")


def _name(item: Mapping[str, Any], hook: str, call: str | None, place: int) -> str:
    """Return what names the event for good: told twice it is recorded once."""
    own = item.get("id")
    if own is not None:
        return f"hook:{hook}:{own}"[:200]
    if call is not None:
        return f"hook:{hook}:{call}:{place}"[:200]
    text = json.dumps(item, sort_keys=True, ensure_ascii=False)
    return f"hook:{hook}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
