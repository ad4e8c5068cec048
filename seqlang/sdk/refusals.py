"""Whose fault a refusal is: a status (RFC 3463) and a server's words to hard, soft, policy or closed.

One set of signs for what a server says while it is spoken to, and for what a report (RFC 3464) says that it said.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Blame", "is_full", "is_used_up", "judge", "status_of"]

Blame = Literal[
    "hard",  # no such address: nothing will ever get there
    "soft",  # not now: mailbox full, greylisting, a server out of reach; and what nobody understands
    "policy",  # our address, server or content is not wanted: nobody is to blame for it but us
    "closed",  # this address takes no mail from outside: neither its fault nor a fault of ours
]

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s-])")
FULL = re.compile(
    r"over ?quota|quota (?:exceeded|full)|exceed\w* (?:its |the |his |storage |mailbox )*quota|(?:mailbox|mail box|inbox"
    r"|storage|account)"
    r"[^.]{0,40}\b(?:full|exceeded)|insufficient (?:system )?storage|out of storage|not enough (?:disk )?space", re.IGNORECASE)
USED_UP = re.compile(
    r"\b(?:daily|hourly|sending|submission|outgoing|outbound)[\w' ]{0,30}(?:limit|quota|rate\b)|limit for (?:message )?recipients"
    r"|too many (?:messages|mails|e-?mails) (?:from|sent|in|per)|too much mail from|sent too (?:many|much)|rate limit"
    r"|submissionquota", re.IGNORECASE)
LATER = re.compile(
    r"grey-?list|gray-?list|try again|temporar|too many (?:connections|messages|recipients)|rate limit|resources|timed? ?out"
    r"|connection refused|out of reach|could not connect|retry time", re.IGNORECASE)
UNKNOWN = re.compile(
    r"(?:user|recipient|mailbox|address|account|addressee|alias)\S{0,120}\s+(?:is |was )?(?:unknown|not found|disabled"
    r"|inactive|closed)"
    r"|(?:unknown|inactive|disabled|non-?existent) (?:local )?(?:user|recipient|mailbox|address|account|alias)"
    r"|no such (?:user|recipient|mailbox|address|person|account|domain)|(?:does ?n.t|does not|doesnt|not) exist|no mailbox here"
    r"|is not recogni[sz]ed|not listed in"
    r"|not (?:a valid|our) (?:user|mailbox|recipient|customer)|recipientnotfound|resolver\.adr\.\w{0,40}notfound"
    r"|couldn.t be found|wasn.t found at|not found by smtp address lookup|user doesn.t have a|unrouteable address"
    r"|no longer (?:available|active|valid|in use|works)|host (?:or domain name )?not found|domain not found"
    r"|empf.nger unbekannt|utilisateur inconnu|usuario desconocido", re.IGNORECASE)
VAGUE = re.compile(r"(?:mailbox|recipient|address) unavailable|invalid (?:recipient|mailbox|address)|bad (?:recipient"
                   r"|mailbox|address)"
                   r"|recipient (?:address )?(?:is )?(?:rejected|invalid)|undeliverable address|unable to (?:find"
                   r"|resolve)", re.IGNORECASE)
SENDER = re.compile(r"sender (?:address )?(?:is )?(?:rejected|denied|verif|blocked|invalid)|bad (?:outbound )?sender"
                    r"|poor sender", re.IGNORECASE)
BLOCKED = re.compile(
    r"\bspam|\bblock|black ?list|block ?list|deny ?list|\brbl\b|dnsbl|spamhaus|barracuda|spamcop|reputation|polic(?:y"
    r"|ies)|\bspf\b"
    r"|dkim|dmarc|unauthenticated|not authenticated|unsolicited|junk|content (?:rejected|filter|denied)"
    r"|message (?:content )?rejected"
    r"|prohibited|virus|malware|phish|banned|suspicious"
    r"|your (?:ip|network|server|domain|host)\b", re.IGNORECASE)
# Exchange: who may write to this recipient or group is settled there.
CLOSED = re.compile(r"restrictedrcpt|notauthenticatedforgroup|senderrestricted|allowed.senders|permission to (?:send|post)"
                    r"|not (?:allowed|permitted|authori[sz]ed) to (?:send|post)[^.]{0,40} (?:recipient|group|list|distribution)"
                    r"|only accepts? (?:mail|messages|e-?mail) from", re.IGNORECASE)
CLOSED_DETAILS = frozenset({(7, 2), (7, 124), (7, 129), (7, 130), (7, 133), (7, 134), (7, 135), (7, 136), (7, 193)})
BAD_SENDER = frozenset({(1, 7), (1, 8), (7, 705), (7, 708), (7, 750)})
# RFC 3463: no such mailbox, no such host, bad syntax, ambiguous, moved, accepts no mail, not valid, disabled, no route.
BAD_ADDRESS = frozenset({(1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (1, 9), (1, 10), (2, 1), (4, 4)})
FULL_DETAILS = frozenset({(2, 2), (3, 1)})
NO_SUCH_RECIPIENT = re.compile(r"recipient address rejected: access denied", re.IGNORECASE)  # Microsoft 365 says 5.4.1


def judge(status: str, said: str) -> Blame:
    """Return what a failure is, by its status ("5.1.1", or "") and what the server said.

    The server's own code goes before the status: hosts on the way often turn everything into 5.0.0. Whoever is not known to be
    at fault is not blamed: what nobody understands is soft.
    """
    found = ENHANCED.search(said)
    own = ENHANCED.search(status)
    code = found if found is not None and (own is None or own[1] == found[1] or own[2] == "0") else own
    digit = code[1] if code is not None else _digit(said)
    detail = (int(code[2]), int(code[3])) if code is not None else None
    if detail in CLOSED_DETAILS or CLOSED.search(said):
        return "closed"
    if digit == "5" and detail is not None and (detail in BAD_SENDER or detail[0] == 7):
        return "policy"
    if detail in FULL_DETAILS or FULL.search(said):
        return "soft"
    if digit == "4":
        return "soft"
    if NO_SUCH_RECIPIENT.search(said):
        return "hard"
    if SENDER.search(said):
        return "policy"
    blocked = BLOCKED.search(said) is not None
    if UNKNOWN.search(said):
        return "hard" if not blocked or detail in BAD_ADDRESS else "soft"  # it says both, and nobody is blamed
    if blocked:
        return "policy"
    return "hard" if detail in BAD_ADDRESS or VAGUE.search(said) else "soft"


def _digit(said: str) -> str:
    found = REPLY_CODE.search(said)
    if found is not None:
        return found[1][0]
    return "4" if LATER.search(said) else "5"


def is_full(said: str) -> bool:
    """Tell whether it is the recipient's mailbox that has no room: not for ever, whatever the code says."""
    found = ENHANCED.search(said)
    return (found is not None and (int(found[2]), int(found[3])) in FULL_DETAILS) or FULL.search(said) is not None


def is_used_up(said: str) -> bool:
    """Tell whether it is we who have sent as much as we may for now."""
    return USED_UP.search(said) is not None


def status_of(said: str) -> str:
    """Return the status that a text names, or ""."""
    found = ENHANCED.search(said)
    return found[0] if found is not None else ""
