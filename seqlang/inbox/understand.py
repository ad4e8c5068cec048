"""The road of one mail: report, complaint, note, opt-out, invitation, reply; the order is the meaning."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import NamedTuple

from seqlang.inbox import oldreports, reports
from seqlang.inbox.automatic import judge_writer
from seqlang.inbox.letters import Letter, body_text, part_text, read_letter, walk
from seqlang.inbox.opt_out import asks_for_no_more, says_only_that
from seqlang.inbox.records import Kind, Understood
from seqlang.inbox.returns import return_date
from seqlang.limits import MAIL_BYTES_MAX


class Meaning(NamedTuple):
    """What one look at a mail found."""

    kind: Kind
    more: dict[str, object]


def understand(raw: bytes, received_on: date) -> Understood:
    """Return what a mail means; never raises. `received_on` is the day on which it came, where its reader lives."""
    try:
        letter = read_letter(raw)
    except Exception as broken:  # noqa: BLE001  mail comes from anybody: one that breaks the reader must not stop the others
        return Understood("unreadable", hashlib.sha256(raw[:MAIL_BYTES_MAX]).hexdigest()[:40], why=type(broken).__name__)
    try:
        found = _meaning(letter, received_on)
    except Exception as broken:  # noqa: BLE001  as above; its headers are known
        found = Meaning("unreadable", {"why": type(broken).__name__})
    given = {"message_id": letter.message_id, "sender": letter.sender, "subject": letter.subject[:500], "about": letter.answers}
    return Understood(found.kind, letter.key, **{**given, **found.more})  # type: ignore[arg-type]


def _meaning(letter: Letter, received_on: date) -> Meaning:
    for look in (_report, _complaint, _receipt, _old_report, _invitation):
        found = look(letter)
        if found is not None:
            return found
    text = letter.text()
    judged = judge_writer(letter, text)
    if judged.nature == "automatic":
        return Meaning("automatic", {"why": judged.why})
    if judged.nature == "out_of_office":
        until = return_date(f"{letter.subject}\n\n{text}", received_on)
        return Meaning("out_of_office", {"until": until, "why": judged.why})
    if says_only_that(letter.subject) or asks_for_no_more(text):  # the subject is what the link to unsubscribe by mail makes
        return Meaning("opt_out", {"why": "it says so, and nothing else"})
    return Meaning("reply", {"only_in_thread": judged.nature == "list", "why": judged.why})


def _report(letter: Letter) -> Meaning | None:
    """Read a delivery status notification (RFC 3464)."""
    found = reports.status_blocks(letter)
    if found is None or letter.message.get_content_maintype() != "multipart":
        return None
    if "delivery-status" not in letter.header("content-type").lower() and not oldreports.looks_like(letter):
        return None  # somebody forwards one
    text = body_text(letter.message)
    failures = reports.failures_of(found, text)
    about = reports.original_ids(letter, text)
    why = "a delivery status notification" if failures else "a notice that mail is late, or has arrived"
    return Meaning("bounce", {"failures": failures, "about": about, "copied": reports.copied(letter), "why": why})


def _complaint(letter: Letter) -> Meaning | None:
    """Read a complaint (RFC 5965)."""
    if letter.message.get_content_maintype() != "multipart":
        return None
    fields = reports.complaint_fields(letter)
    if fields is None:
        return None
    kind = fields.get("feedback-type", "").split(";")[0].strip().lower()
    if kind not in reports.ABUSE:
        return Meaning("automatic", {"why": f"a feedback report of the type `{kind[:40]}`"})
    about = reports.original_ids(letter, "")
    accused = reports.accused_by(letter, fields)
    return Meaning("complaint", {"about": about, "accused": accused, "why": f"feedback report: {kind}"})


def _receipt(letter: Letter) -> Meaning | None:
    """Leave out receipts of reading and other reports (RFC 8098)."""
    kind = letter.header("content-type").lower()
    if kind.startswith("multipart/report") and "delivery-status" not in kind:
        return Meaning("automatic", {"why": "a receipt, or another report"})
    return None


def _old_report(letter: Letter) -> Meaning | None:
    """Read a report that is made for people only."""
    if not oldreports.looks_like(letter):
        return None
    text = body_text(letter.message)
    failures = () if oldreports.only_late(letter) else oldreports.failures_of(letter, text)
    about = reports.original_ids(letter, text)
    why = "a bounce without fields" if failures else "a notice that mail is late"
    return Meaning("bounce", {"failures": failures, "about": about, "copied": reports.copied(letter), "why": why})


def _invitation(letter: Letter) -> Meaning | None:
    """Read answers to invitations: an acceptance is a meeting, any other answer is a calendar's own business."""
    for part in walk(letter.message):
        if part.get_content_type() != "text/calendar":
            continue
        text = part_text(part).upper()
        method = str(part.get_param("method", "")).upper() or ("REPLY" if "METHOD:REPLY" in text else "")
        if method == "REPLY":
            accepted = "PARTSTAT=ACCEPTED" in text.replace("\n ", "")
            return Meaning("meeting" if accepted else "automatic", {"why": "an answer to an invitation"})
        if method in {"REQUEST", "PUBLISH"} and not letter.answers:
            return Meaning("meeting" if method == "REQUEST" else "automatic", {"why": "an invitation"})
        return None if method in {"REQUEST", ""} else Meaning("automatic", {"why": f"a calendar's {method.lower()}"})
    return None
