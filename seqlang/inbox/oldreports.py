"""Reports for people only, as qmail, older Exim and others write them: found by their looks, never by guessing alone."""

from __future__ import annotations

import re
from email.message import Message

from seqlang.inbox.letters import Letter
from seqlang.inbox.records import Failure
from seqlang.inbox.reports import FAILURES_MAX, REASON_CHARS_MAX, address_in
from seqlang.sdk.refusals import judge, status_of

DAEMONS = re.compile(r"^(?:mailer-?daemon|mail-daemon|postmaster|mdaemon|maildelivery|mail-?delivery|bounces?"
                     r"|no-?reply-?bounces?)\b", re.IGNORECASE)
SUBJECTS = re.compile(
    r"undeliver|not delivered|could not be delivered|couldn.t be delivered|delivery (?:status|failure|failed|has failed"
    r"|problem|error)"
    r"|delivery (?:notification|incomplete|unsuccessful)|mail delivery|returned mail|returned to sender|failure notice"
    r"|failed delivery"
    r"|mail system error|unzustellbar|nicht zugestellt|zustellung fehlgeschlagen|non remis|chec de la remise"
    r"|no se puede entregar"
    r"|no entregado|rebotado", re.IGNORECASE)
LATE = re.compile(r"\bdelay|\bwarning\b|verz.gert|retard|still (?:being retried|trying)|demorad|retrasad", re.IGNORECASE)
_COPY_BELOW = re.compile(  # behind it stands the message itself
    r"^[ \t]*(?:-{3,}.{0,80}(?:below|copy|original|returned|forwarded|unsent).{0,80}|the following (?:text|is a copy).{0,80})$",
    re.IGNORECASE | re.MULTILINE)
_LISTED = re.compile(  # a line of its own
    r"^[ \t]{0,12}<?([^\s<>;,\"':]{1,200}@[^\s<>;,\"':]{1,200}?)>?[ \t]*:?[ \t]*$", re.MULTILINE)
_INLINE = re.compile(r"^[ \t]{0,12}<([^\s<>]{1,200}@[^\s<>]{1,200})>[ \t]*[:(,]", re.MULTILINE)  # <kim@example.com>: host said …


def looks_like(letter: Letter) -> bool:
    """Tell whether a mail says by its headers that it reports on one of ours."""
    if "x-failed-recipients" in letter.headers:
        return True
    nobody = letter.header("return-path") == "<>"
    from_daemon = bool(DAEMONS.match(letter.sender)) or not letter.sender
    named = bool(SUBJECTS.search(letter.subject)) or (from_daemon and only_late(letter))
    return named and (nobody or from_daemon)


def only_late(letter: Letter) -> bool:
    """Tell whether it says that the message is on its way still."""
    return bool(LATE.search(letter.subject)) and "fail" not in letter.subject.lower()


def failures_of(letter: Letter, text: str) -> tuple[Failure, ...]:
    """Return the recipients that a report for people names, each with what is said behind its address."""
    cut = _COPY_BELOW.search(text)
    told = text[: cut.start()] if cut is not None else text
    named = {m.start(1): (m.end(), m[1].strip(".").lower()) for find in (_INLINE, _LISTED) for m in find.finditer(told)}
    places = sorted(named)
    failures: dict[str, Failure] = {}
    for index, place in enumerate(places[:FAILURES_MAX]):
        end, address = named[place]
        following = places[index + 1] if index + 1 < len(places) else end + 2_000
        said = " ".join(told[end:following].split())
        failures.setdefault(address, _failure(address, said or " ".join(told.split())))
    if not failures:
        header = ", ".join(letter.headers.get("x-failed-recipients", ()))
        listed = [a for a in (address_in(n) for n in header.split(",")) if a] or _by_library(letter.message)
        said = " ".join(told.split())
        failures = {a: _failure(a, said) for a in listed[:FAILURES_MAX]}
    return tuple(failures.values())


def _failure(address: str, said: str) -> Failure:
    return Failure(address, judge("", said[:4_000]), status_of(said), said[:REASON_CHARS_MAX], address)


def _by_library(message: Message) -> list[str]:
    """Ask a library that knows dozens of old formats, where it is installed; it gives addresses, no reasons."""
    try:
        from flufl.bounce import scan_message
    except ImportError:
        return []
    try:
        found = scan_message(message)
    except Exception:  # noqa: BLE001  its detectors expect well-formed mail
        return []
    return sorted({a.decode("ascii", "replace").lower() for a in found if isinstance(a, bytes) and b"@" in a})
