"""Delivery: contacts to a local mail server through the whole dispatch, beside a bare loop over ready-made messages."""

from __future__ import annotations

import smtplib
import tempfile
from pathlib import Path

from sqlalchemy import text

from benchmarks.measuring import Finding, Sizes, timed
from benchmarks.projects import THREE_STEPS, started
from benchmarks.sink import Sink, sink
from benchmarks.ticks import run_at
from seqlang.app.workspace import open_workspace
from seqlang.clock import ManualClock
from seqlang.dispatch import deliver
from seqlang.host import load
from seqlang.runtime.tick import tick

READY = (
    b"From: ana@example.com\r\nTo: p1@x1.example\r\nSubject: one\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8geW91\r\n"
)
TARGET = 2_000  # messages a second, on one connection


def delivery(sizes: Sizes) -> list[Finding]:
    """Measure claim, look again, render, MIME, send and settle."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, sink() as server:
        folder = Path(name)
        seq = THREE_STEPS.format(audience="audience { where score >= 0 }")
        with started(folder, seq, sizes.messages, smtp=f"smtp://127.0.0.1:{server.port}") as store:
            settings = open_workspace(str(folder)).settings
            host = load(settings)
            tick(store, run_at(1))
            seconds = timed(lambda: deliver(store, host, settings, ManualClock(run_at(1))))
            with store.read() as conn:
                accepted = conn.execute(text("SELECT count(*) FROM ledger WHERE state = 'accepted'")).scalar_one()
        taken = server.taken.value
        by_hand = timed(lambda: _bare(server, sizes.messages))
    ours, hand = accepted / seconds, sizes.messages / by_hand
    reached = ours >= TARGET and accepted == taken == sizes.messages
    note = f"{accepted:,} accepted, {taken:,} arrived"
    what = f"delivery: {sizes.messages:,} messages, one connection"
    return [Finding(what, ours, "messages/s", hand, "at least 2,000/s", reached, note)]


def _bare(server: Sink, messages: int) -> None:
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.ehlo()
        for number in range(messages):
            client.sendmail("ana@example.com", [f"p{number}@x.example"], READY)
