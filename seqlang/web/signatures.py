"""Whether a provider's call is genuine: Standard Webhooks, an HMAC of the body, or a token."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from seqlang.vocabulary.settings import HookSettings

OLD = timedelta(minutes=5)  # a call that was signed longer ago may be somebody's copy
_PREFIX = "whsec_"


def is_genuine(hook: HookSettings, secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Tell whether whoever called knows the secret; `headers` by their names in lower case."""
    if hook.verify == "standard":
        return _standard(secret, headers, body, now)
    if hook.verify == "hmac":
        given = headers.get((hook.header or "X-Signature").lower(), "").strip().removeprefix("sha256=").lower()
        return _same(hmac.digest(secret.encode(), body, "sha256").hex(), given)
    given = headers.get((hook.header or "Authorization").lower(), "").strip()
    return _same(secret, given.removeprefix("Bearer ").strip())


def _standard(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Follow the specification of Standard Webhooks: an id, a time and the body are signed together."""
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or not at.isdecimal() or len(at) > 12:
        return False
    if abs(now - datetime.fromtimestamp(int(at), UTC)) > OLD:
        return False
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True) if secret.startswith(_PREFIX) else secret.encode()
    except NotBase64:
        return False
    wanted = b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")).decode("ascii")
    given = headers.get("webhook-signature", "").split()
    return any([_same(f"v1,{wanted}", one) for one in given])  # noqa: C419  all are compared: the time tells nothing


def _same(wanted: str, given: str) -> bool:
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))
