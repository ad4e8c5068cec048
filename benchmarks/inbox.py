"""What comes back: replies, notes and reports read by IMAP, understood, matched and recorded, beside a bare loop of imaplib."""

from __future__ import annotations

import imaplib
import os
import tempfile
from email import message_from_bytes
from pathlib import Path

from sqlalchemy import text

from benchmarks.measuring import Finding, Sizes, timed
from benchmarks.postbox import postbox
from benchmarks.projects import THREE_STEPS, started
from benchmarks.sink import sink
from benchmarks.ticks import run_at
from seqlang.app.workspace import open_workspace
from seqlang.clock import ManualClock
from seqlang.dispatch import deliver
from seqlang.host import load
from seqlang.mailroom.accounts import accounts_of
from seqlang.mailroom.rounds import house_of, read_once
from seqlang.runtime.tick import tick
from seqlang.vocabulary.settings import ProjectSettings

SECONDS_MAX = 5.0  # for 1,000 mails
QUOTED = "".join(f"> line {n} of what they answer, as mail programs quote it\r\n" for n in range(40))
HEAD = "From: Somebody <{to}>\r\nTo: ana@example.com\r\nSubject: {subject}\r\nMessage-ID: <back.{n}@x.example>\r\n"
REPLY = HEAD + "In-Reply-To: {id}\r\nReferences: {id}\r\n\r\nYes, call me.\r\n\r\nOn Mon, Ana wrote:\r\n" + QUOTED
NOTE = HEAD + "In-Reply-To: {id}\r\nAuto-Submitted: auto-replied\r\n\r\nI am away until 16 March 2026.\r\n"
REPORT = (
    "From: MAILER-DAEMON@mta.example\r\nSubject: {subject}\r\nMessage-ID: <back.{n}@mta.example>\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nSorry.\r\n\r\n--x\r\n"
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mta.example\r\n\r\nFinal-Recipient: rfc822; {to}\r\n"
    "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown user\r\n\r\n--x\r\n"
    "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {id}\r\n\r\n--x--\r\n"
)
KINDS = ((REPLY, "Re: one"), (REPLY, "Re: one"), (REPLY, "Re: one"), (NOTE, "Automatic reply: one"), (REPORT, "Undelivered Mail"))


def replies(sizes: Sizes) -> list[Finding]:
    """Measure reading: three replies, a note and a report of five mails, of messages that really went out."""
    os.environ["SEQLANG_BENCH_IMAP"] = "secret"
    with tempfile.TemporaryDirectory(prefix="bench-") as name, sink() as server:
        folder = Path(name)
        seq = THREE_STEPS.format(audience="audience { where score >= 0 }")
        with started(folder, seq, sizes.replies, smtp=f"smtp://127.0.0.1:{server.port}") as store:
            settings = open_workspace(str(folder)).settings
            tick(store, run_at(1))
            deliver(store, load(settings), settings, ManualClock(run_at(1)))
            with store.read() as conn:
                sent = conn.execute(text("SELECT message_id, recipient FROM message ORDER BY ledger_id")).all()
            mails = [_mail(number, row.message_id, row.recipient) for number, row in enumerate(sent)]
            with postbox(mails) as port:
                box = {"imap": f"imap://ana@127.0.0.1:{port}", "imap_password": {"env": "SEQLANG_BENCH_IMAP"}}
                inbox = ProjectSettings.model_validate({"channels": {"email": {"default": box}}})
                (account,), _ = accounts_of(inbox)
                house, clock = house_of(inbox), ManualClock(run_at(2))
                seconds = timed(lambda: read_once(store, house, account, clock))
                by_hand = timed(lambda: _bare(port, len(mails)))
            with store.read() as conn:
                events = conn.execute(text("SELECT count(*) FROM event WHERE external_id LIKE 'mail:%'")).scalar_one()
    reached = events == len(mails) == sizes.replies and seconds <= SECONDS_MAX * sizes.replies / 1_000
    note = f"{events:,} events"
    return [Finding(f"inbox: {sizes.replies:,} replies read", seconds, "s", by_hand, "1,000 in 5 s", reached, note)]


def _mail(number: int, message_id: str, recipient: str) -> bytes:
    form, subject = KINDS[number % len(KINDS)]
    return form.format(to=recipient, subject=subject, n=number, id=message_id).encode()


def _bare(port: int, count: int) -> None:
    client = imaplib.IMAP4("127.0.0.1", port)
    client.login("ana", "secret")
    client.select(readonly=True)
    for start in range(1, count + 1, 100):
        _, data = client.uid("FETCH", ",".join(str(n) for n in range(start, min(start + 100, count + 1))), "(BODY.PEEK[])")
        for item in data:
            if isinstance(item, tuple):
                assert message_from_bytes(item[1])["Message-ID"]
    client.logout()
