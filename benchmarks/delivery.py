"""Delivery: contacts to a local mail server through the whole dispatch, beside a bare loop over ready-made messages."""

from __future__ import annotations

import os
import smtplib
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from benchmarks.measuring import Finding, Sizes, timed
from benchmarks.projects import THREE_STEPS, TOML, started
from benchmarks.sink import Sink, sink
from benchmarks.ticks import run_at
from seqlang.app.workspace import open_workspace
from seqlang.clock import ManualClock
from seqlang.dispatch import deliver
from seqlang.host import load
from seqlang.runtime.tick import tick
from seqlang.store.plans import put_content
from seqlang.vocabulary.settings import SecretRef, WebSettings

READY = (
    b"From: ana@example.com\r\nTo: p1@x1.example\r\nSubject: one\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8geW91\r\n"
)
TARGET = 2_000  # messages a second, on one connection


COMPLETE = """
record contact { score number default 0 }
classic sequence "Bench" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  audience { where score >= 0 }
  step one: email on day 1 {
    template: "offer.html", subject: "{{ contact.email }}, a question", track: [opens, clicks], unsubscribe: yes
  }
  exit when replied, unsubscribed, bounced
}
"""
PAGE = """<html><head><style>p { color: #333; margin: 0 0 12px } .button { background: #0050a0; padding: 12px }</style>
</head><body><h1>Hello {{ contact.first_name | default("you") }}</h1>
<p>We have seen how <b>others</b> do it, and thought of you: it takes a quarter of an hour, and nobody
has to install anything.</p>
<p>What it costs is <a href="https://shop.example/prices?from=mail&amp;who={{ contact.email }}">here</a>, what others say of it
<a href="https://shop.example/voices">there</a>.</p><p><a class="button" href="https://shop.example/try">Try it</a></p>
<p>{{ owner.first_name }}</p></body></html>
"""
LINKS = WebSettings(url="https://mail.example.com", secret=SecretRef(env="SEQLANG_BENCH_SECRET"))


def delivery(sizes: Sizes) -> list[Finding]:
    """Measure claim, look again, render, MIME, send and settle: of short texts, and of mails with all that they may have.

    Of these also to a server that may have several on their way (`in_flight`).
    """
    plain = THREE_STEPS.format(audience="audience { where score >= 0 }")
    what, several = "both parts, tracked, unsubscribe", TOML + "in_flight = 5\n"
    found = [_measured("texts", plain, sizes), _measured(what, COMPLETE, sizes)]
    return [*found, _measured(f"{what}, in flight", COMPLETE, sizes, several)]


def _measured(what: str, seq: str, sizes: Sizes, toml: str = TOML) -> Finding:
    os.environ.setdefault("SEQLANG_BENCH_SECRET", "a secret that signs nothing of worth")
    with tempfile.TemporaryDirectory(prefix="bench-") as name, sink() as server:
        folder = Path(name)
        (folder / "templates").mkdir()
        (folder / "templates" / "offer.html").write_text(PAGE, "utf-8")
        with started(folder, seq, sizes.messages, smtp=f"smtp://127.0.0.1:{server.port}", toml=toml) as store:
            settings = open_workspace(str(folder)).settings.model_copy(update={"web": LINKS})
            host = load(settings)
            with store.begin() as conn:
                put_content(conn, store, PAGE.encode())
            tick(store, run_at(1))
            before = time.process_time()
            seconds = timed(lambda: deliver(store, host, settings, ManualClock(run_at(1))))
            each = (time.process_time() - before) / sizes.messages * 1e6
            with store.read() as conn:
                accepted = conn.execute(text("SELECT count(*) FROM ledger WHERE state = 'accepted'")).scalar_one()
        taken = server.taken.value
        by_hand = timed(lambda: _bare(server, sizes.messages))
    ours, hand = accepted / seconds, sizes.messages / by_hand
    reached = ours >= TARGET and accepted == taken == sizes.messages
    note = f"{accepted:,} accepted, {taken:,} arrived; {each:.0f} µs of a processor each"
    title = f"delivery: {sizes.messages:,} {what}, one connection"
    return Finding(title, ours, "messages/s", hand, "at least 2,000/s", reached, note)


def _bare(server: Sink, messages: int) -> None:
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.ehlo()
        for number in range(messages):
            client.sendmail("ana@example.com", [f"p{number}@x.example"], READY)
