"""Reads a mail's bytes into plain values; what is malformed is read as far as it goes."""

from __future__ import annotations

import contextlib
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from types import MappingProxyType

from seqlang.limits import MAIL_BYTES_MAX, MAIL_PARTS_MAX, MAIL_TEXT_CHARS_MAX

IDS_MAX = 100  # of one References header
HEADER_CHARS_MAX = 4_000
_ID = re.compile(r"<[^<>\s]{3,400}>")
_LINE_ENDS = re.compile(r"\r\n?")
_SPACES = re.compile(r"\s+")
# Where the mail that is answered begins, in HTML and in text.
_HTML_QUOTE = re.compile(
    r"<blockquote|<div[^<>]{0,200}(?:gmail_quote|divRplyFwdMsg|yahoo_quoted|moz-cite-prefix)|id=.?appendonsend", re.IGNORECASE
)
_HTML_SILENT = re.compile(r"<(style|script|head|title)\b|<!(--)", re.IGNORECASE)
_HTML_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]{0,500}>", re.IGNORECASE)
_HTML_TAG = re.compile(r"<[^<>]*>")
_QUOTE = re.compile(
    r"\s*(?:-{2,}\s*(?:original message|original appointment|forwarded message|urspr.ngliche nachricht"
    r"|weitergeleitete nachricht"
    r"|message d.origine|message transf.r.|mensaje original|mensaje reenviado)"
    r"|_{20,}\s*$"
    r"|(?:on|am|le|el|il|op)\b.{5,300}(?:wrote|schrieb|.crit|escribi.|scritto|schreef)\b.{0,120}:\s*$)",
    re.IGNORECASE,
)
_HEADER_BLOCK = re.compile(r"\s*\*?(?:from|von|de|da|van)\s?:\*?\s.{1,300}$", re.IGNORECASE)
_HEADER_NEXT = re.compile(r"\s*\*?(?:sent|gesendet|envoy.|enviado|inviato|date|datum|fecha|to|an|.|para"
                          r"|a)\s?:\*?\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, read."""

    message: Message
    headers: Mapping[str, tuple[str, ...]]  # names in lower case; values decoded, in one line
    key: str
    message_id: str | None
    sender: str
    subject: str
    answers: tuple[str, ...]  # In-Reply-To, then References, the latest first

    def header(self, name: str) -> str:
        """Return the first value of a header, or ""."""
        return self.headers.get(name, ("",))[0]

    def text(self) -> str:
        """Return what was written, without what it answers."""
        return own_words(body_text(self.message))


def read_letter(raw: bytes) -> Letter:
    """Read a mail. What its parts hold is looked at when somebody asks."""
    raw = raw[:MAIL_BYTES_MAX]
    try:
        message = message_from_bytes(raw)
    except Exception:  # noqa: BLE001  a structure that the library gives up on still has headers
        message = message_from_bytes(re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0])
    headers = _headers(message)
    found = ids_of(headers.get("message-id", ("",))[0])
    message_id = found[0] if found else None
    name = message_id.encode("utf-8", "replace") if message_id else raw
    sender = bare(headers.get("from", ("",))[0])
    subject = headers.get("subject", ("",))[0]
    return Letter(message, headers, hashlib.sha256(name).hexdigest()[:40], message_id, sender, subject, _answers(headers))


def _headers(message: Message) -> Mapping[str, tuple[str, ...]]:
    headers: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        headers.setdefault(str(name).strip().lower(), []).append(decoded(value))
    return MappingProxyType({name: tuple(values) for name, values in headers.items()})


def _answers(headers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    direct = ids_of(" ".join(headers.get("in-reply-to", ())))
    earlier = ids_of(" ".join(headers.get("references", ())))
    return tuple(dict.fromkeys((*direct, *reversed(earlier))))


def decoded(value: object) -> str:
    """Return a header's value as people read it, in one line."""
    text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")[: HEADER_CHARS_MAX * 4]
    if "=?" in text:
        with contextlib.suppress(HeaderParseError, ValueError):
            text = "".join(_decoded(part, charset) for part, charset in decode_header(text))
    return _SPACES.sub(" ", text).strip()[: HEADER_CHARS_MAX * 4]


def _decoded(part: bytes | str, charset: str | None) -> str:
    return part if isinstance(part, str) else in_words(part, charset)


def in_words(content: bytes, charset: str | None) -> str:
    """Return bytes as text, in the charset that is claimed if there is such a thing."""
    try:
        return content.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def bare(value: str) -> str:
    """Return the address of a header, lower case; "" where there is none."""
    try:
        address = parseaddr(value[:HEADER_CHARS_MAX])[1]
    except (ValueError, IndexError, TypeError):
        address = ""
    return address.strip().lower() if "@" in address else ""


def ids_of(value: str) -> tuple[str, ...]:
    """Return the Message-IDs of a header, with brackets."""
    return tuple(_ID.findall(value)[-IDS_MAX:])


def walk(message: Message) -> Iterator[Message]:
    """Yield the parts of a mail that are no mails themselves, itself first; no more than a limit."""
    waiting, seen = [message], 0
    while waiting and seen < MAIL_PARTS_MAX:
        part = waiting.pop(0)
        seen += 1
        yield part
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting[:0] = [p for p in part.get_payload() if isinstance(p, Message)]


def part_text(part: Message) -> str:
    """Return the text of a part, decoded, as much of it as anybody reads."""
    try:
        content = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001  an encoding that the library gives up on is read as it stands
        content = str(part.get_payload()).encode("utf-8", "replace")
    if not isinstance(content, bytes):
        return ""
    try:
        charset = part.get_content_charset()
    except Exception:  # noqa: BLE001  as above
        charset = None
    text = in_words(content[: MAIL_TEXT_CHARS_MAX * 4], charset)
    return _LINE_ENDS.sub("\n", text)[:MAIL_TEXT_CHARS_MAX]


def body_text(message: Message) -> str:
    """Return the text that a person sees first: the plain part, else the HTML one without its markup."""
    markup = ""
    for part in walk(message):
        kind = part.get_content_type()
        if kind not in {"text/plain", "text/html"} or part.get_content_disposition() == "attachment":
            continue
        text = part_text(part)
        if kind == "text/plain" and text.strip():
            return text
        if kind == "text/html" and not markup:
            markup = text
    return without_markup(markup)


def without_markup(markup: str) -> str:
    """Return the text of HTML, up to where the mail that it answers begins."""
    found = _HTML_QUOTE.search(markup)
    if found is not None:
        markup = markup[: found.start()]
    return html.unescape(_HTML_TAG.sub(" ", _HTML_BREAK.sub("\n", _said(markup))))


def _said(markup: str) -> str:
    """Leave out what no browser shows: comments, styles, scripts. One that never ends hides the rest."""
    lower, kept, place = markup.lower(), [], 0
    while (found := _HTML_SILENT.search(markup, place)) is not None:
        kept.append(markup[place : found.start()])
        end = lower.find(f"</{found[1].lower()}" if found[1] else "-->", found.end())
        end = lower.find(">", end) if end >= 0 else end
        if end < 0:
            return " ".join(kept)
        place = end + 1
    return " ".join((*kept, markup[place:]))


def own_words(text: str) -> str:
    """Return what the writer added: nothing of what is quoted, and nothing behind it."""
    lines = text.split("\n")
    kept: list[str] = []
    for index, line in enumerate(lines):
        if line.lstrip().startswith(">"):
            continue
        joined = f"{line} {lines[index + 1].strip()}"[:600] if index + 1 < len(lines) else line[:600]
        if kept and (_QUOTE.match(line[:600]) or (line.strip() and _QUOTE.match(joined))):
            break
        if _HEADER_BLOCK.match(line[:400]) and any(_HEADER_NEXT.match(n[:400]) for n in lines[index + 1 : index + 5]):
            break
        kept.append(line)
    return "\n".join(kept).strip()
