"""What a server's answer to one of our commands means (RFC 5321, RFC 3463)."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from seqlang.sdk import Outcome, Rejected, Retry, Unavailable
from seqlang.sdk.refusals import is_full, is_used_up, judge

_REST = timedelta(hours=1)  # a limit that is no matter of minutes
_LOGIN = frozenset({530, 534, 535, 538})  # the server wants another login, or an encrypted line: no judgement of us


def said(code: int, answer: bytes | str) -> str:
    """Return the answer in one line for people."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"[:500]


def refused(where: Literal["recipient", "message"], code: int, answer: bytes | str) -> Outcome:
    """Return the outcome of an answer of 400 and above, given to a recipient or to the message as a whole.

    A policy is about us, our server or our content: no other message would fare better, and the recipient is not to blame.
    """
    text = said(code, answer)
    if is_used_up(text):
        return _used_up(code, text)
    if code < 500 or is_full(text):  # a mailbox that is full will not be so for ever
        return Retry(text)
    blame = judge("", text)
    if blame == "policy" and code not in _LOGIN:
        return Unavailable(text, blocked=True)
    return Rejected(text, address_is_bad=where == "recipient" and blame == "hard")


def sender_refused(place: str, sender: str, code: int, answer: bytes | str) -> Outcome:
    """Return the outcome of an answer of 400 and above to the sender's address."""
    text = said(code, answer)
    if is_used_up(text):
        return _used_up(code, text)
    if code < 500:
        return Retry(text)
    return Unavailable(f"{place} takes no mail from {sender}: {text}", blocked=code not in _LOGIN and not is_full(text))


def _used_up(code: int, text: str) -> Unavailable:
    return Unavailable(f"the mailbox has sent as much as it may for now: {text}", _REST if code >= 500 else None)


def closed_to_us(place: str, code: int, answer: bytes | str) -> Unavailable:
    """Return the outcome of an answer of 400 and above to our coming: no message was spoken of yet."""
    text = said(code, answer)
    return Unavailable(f"{place} does not take us: {text}", blocked=code >= 500 and judge("", text) == "policy")
