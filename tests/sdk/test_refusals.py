"""Whose fault a failure is."""

from __future__ import annotations

import pytest

from seqlang.sdk.refusals import Blame, judge

CASES: list[tuple[str, str, Blame]] = [
    # no such address
    ("5.1.1", "550 5.1.1 <kim@acme.example>: Recipient address rejected: User unknown in local recipient table", "hard"),
    ("5.0.0", "550 5.1.1 unknown user", "hard"),  # a host on the way turned it into 5.0.0
    ("5.1.2", "550 5.1.2 host unknown", "hard"),
    ("5.4.4", "Host or domain name not found. Name service error for name=acme.example type=AAAA: Host not found", "hard"),
    ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", "hard"),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "hard"),
    ("", "550 sorry, no mailbox here by that name", "hard"),
    ("", "550 Requested action not taken: mailbox unavailable", "hard"),
    ("5.1.0", "550 5.1.0 Address rejected", "hard"),
    # not now
    ("4.2.2", "452 4.2.2 Mailbox is full", "soft"),
    ("5.2.2", "552 5.2.2 Over quota", "soft"),
    ("5.0.0", "550 mailbox is full: user kim is over quota", "soft"),
    ("4.7.1", "450 4.7.1 Greylisted, please try again in 5 minutes", "soft"),
    ("4.4.1", "connect to mx.acme.example[192.0.2.7]:25: Connection timed out", "soft"),
    ("4.1.8", "450 4.1.8 Sender address rejected: Domain not found", "soft"),
    ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", "soft"),
    ("5.0.0", "550 5.0.0 failed", "soft"),  # nobody knows: nobody is blamed
    ("", "", "soft"),
    # we are not wanted
    ("5.7.1", "550 5.7.1 Message rejected as spam", "policy"),
    ("5.7.26", "550 5.7.26 This mail is unauthenticated", "policy"),
    ("5.7.606", "550 5.7.606 Access denied, banned sending IP [203.0.113.9]", "policy"),
    ("5.1.1", "550 5.1.1 Mail from 203.0.113.9 blocked using zen.spamhaus.org", "policy"),
    ("5.1.8", "550 5.1.8 Access denied, bad outbound sender", "policy"),
    ("5.1.0", "550 5.1.0 <ana@sender.example>: Sender address rejected: User unknown", "policy"),
    ("", "554 Your IP address has a poor reputation", "policy"),
    ("", "550 mailbox unavailable: blocked by our content filter", "policy"),
    # this recipient is for insiders
    ("5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", "closed"),
    ("5.7.124", "550 5.7.124 sender not in allowed-senders list", "closed"),
    ("5.7.1", "550 5.7.1 RESOLVER.RST.RestrictedRcpt; you do not have permission to send to this recipient", "closed"),
]


@pytest.mark.parametrize(("status", "said", "kind"), CASES, ids=[f"{s} {t}"[:50] for s, t, _ in CASES])
def test_a_failure_is_judged_by_its_status_and_by_what_the_server_said(status: str, said: str, kind: Blame) -> None:
    assert judge(status, said) == kind
