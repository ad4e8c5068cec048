"""What a server's answer to one of our commands means (RFC 5321, RFC 3463)."""

from __future__ import annotations

import re
from typing import Literal

from seqlang.sdk import Outcome, Rejected, Retry

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# RFC 3463: no such mailbox, no such host, bad syntax, moved, accepts no mail, disabled.
_BAD_ADDRESS = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
_UNKNOWN_USER = re.compile(
    r"user unknown|unknown user|no such (user|recipient|mailbox|address|person)|does not exist|doesn't exist|not exist"
    r"|invalid (recipient|mailbox|address)|mailbox (not found|unavailable|unknown)|unknown (recipient|mailbox|address)"
    r"|recipient not found|no mailbox here|address rejected: undeliverable", re.IGNORECASE)
_POLICY = re.compile(r"spam|block|black ?list|policy|denied|relay|spf|dkim|dmarc|reputation|prohibited|authenticat|greylist",
                     re.IGNORECASE)


def said(code: int, answer: bytes | str) -> str:
    """Return the answer in one line for people."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"[:500]


def refused(where: Literal["recipient", "message"], code: int, answer: bytes | str) -> Outcome:
    """Return the outcome of an answer of 400 and above, given to a recipient or to the message as a whole."""
    text = said(code, answer)
    enhanced = _ENHANCED.search(text)
    detail = (int(enhanced[2]), int(enhanced[3])) if enhanced is not None else None
    if code < 500 or detail == (2, 2):  # 5.2.2: the mailbox is full, and will not be for ever
        return Retry(text)
    return Rejected(text, address_is_bad=where == "recipient" and _is_bad(code, text, detail))


def _is_bad(code: int, text: str, detail: tuple[int, int] | None) -> bool:
    """Tell a wrong address from a refusal of us: nobody is blamed for a policy."""
    if detail is not None:
        return detail in _BAD_ADDRESS
    return code in (550, 551, 553) and bool(_UNKNOWN_USER.search(text)) and not _POLICY.search(text)
