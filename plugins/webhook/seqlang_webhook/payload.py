"""What is sent: the body as JSON, and the headers with its signature (https://www.standardwebhooks.com).

The default body:

    {"type": "step", "id": "7.1f…", "flow": "Big deal alert", "step": "hook", "at": "2026-03-02T08:30:00+00:00",
     "record_type": "deal", "record": {…}, "contact": {…} or null}

`payload.schema.json` beside this file is its JSON Schema. `record` and `contact` hold all fields: dates and instants as ISO
texts, sets as lists, empty fields as null.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from seqlang.sdk import Message, SecretError

OURS = ("host", "content-length", "transfer-encoding", "connection", "idempotency-key")
SECRET_PREFIX = "whsec_"  # noqa: S105  the standard's prefix, no secret


def body_of(message: Message, secret: Callable[[str], str]) -> tuple[bytes, str]:
    """Return the body and its type: the option `body` (a text as it is, anything else as JSON), else the default.

    A value of it that is `{ secret: "NAME" }` is what `secret` finds under that name, as with headers.
    """
    given = message.options.get("body")
    if isinstance(given, str):
        return given.encode(), "text/plain; charset=utf-8"
    whole = _filled(given, secret) if given is not None else {
        "type": "step", "id": message.key, "flow": message.flow, "step": message.step,
        "at": (message.planned_at or message.at).isoformat(),
        "record_type": message.record_type, "record": dict(message.record),
        "contact": dict(message.contact) if message.contact else None,
    }
    return json.dumps(whole, ensure_ascii=False, default=_plain).encode(), "application/json"


def _filled(value: Any, secret: Callable[[str], str], *, inside: bool = False) -> Any:
    if isinstance(value, Mapping):
        if inside and set(value) == {"secret"} and isinstance(value["secret"], str):
            return secret(value["secret"])
        return {name: _filled(one, secret, inside=True) for name, one in value.items()}
    return [_filled(one, secret, inside=True) for one in value] if isinstance(value, list | tuple) else value


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def signature(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks: an HMAC-SHA256 over id, second and body. `whsec_…` is base64, else raw."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX)) if secret.startswith(SECRET_PREFIX) else secret.encode()
    except binascii.Error:
        raise SecretError(f"the secret that signs is not base64 behind `{SECRET_PREFIX}`") from None
    second = str(int(at.timestamp()))
    digest = hmac.new(key, f"{message_id}.{second}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-timestamp": second, "webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def header_pairs(given: Any, secret: Callable[[str], str]) -> dict[str, str]:
    """Return the headers that the file gives; ValueError where one cannot be sent or is ours.

    One that is `{ secret: "NAME" }` is what `secret` finds under that name. Only the file can say so: a contact brings texts.
    """
    found: dict[str, str] = {}
    for name, value in (given or {}).items():
        if isinstance(value, Mapping) and (set(value) != {"secret"} or not isinstance(value["secret"], str)):
            raise ValueError(f'the header `{name}` cannot be sent: write a text, or `{{ secret: "NAME" }}`')
        text = secret(value["secret"]) if isinstance(value, Mapping) else str(value)
        if not str(name).replace("-", "").replace("_", "").isalnum() or any(sign in text for sign in "\r\n\0"):
            raise ValueError(f"the header `{name}` cannot be sent")
        if not _is_latin(text):
            raise ValueError(f"the header `{name}` cannot be sent: headers hold letters of Western Europe only")
        if str(name).lower() in OURS or str(name).lower().startswith("webhook-"):
            raise ValueError(f"the header `{name}` is set by seqlang")
        found[str(name)] = text
    return found


def _is_latin(text: str) -> bool:
    return all(ord(sign) < 256 for sign in text)
