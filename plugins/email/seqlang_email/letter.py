"""A letter before it is put into bytes, and how a message becomes one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from seqlang.sdk import Attachment, Body, MailboxSettings, Message, Person
from seqlang_email.addresses import Address, AddressError, parse, parse_all
from seqlang_email.bodies import BodyError, parts_of
from seqlang_email.headers import HeaderError


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that the HTML part shows: `<img src="cid:logo.png">`."""

    id: str  # its Content-ID, without the brackets
    file: Attachment


class Letter(NamedTuple):
    """All that stands in an e-mail."""

    key: str  # boundaries are made of it
    message_id: str
    at: datetime
    sender: Address
    envelope_from: str  # bounces go there
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]  # in the envelope alone
    reply_to: tuple[Address, ...]
    subject: str
    text: str
    html: str | None
    references: tuple[str, ...]
    unsubscribe_url: str | None
    unsubscribe_mail: str | None
    attachments: tuple[Attachment, ...]
    pictures: tuple[Picture, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses of the envelope, each once, those of `to` first."""
        return tuple(dict.fromkeys([a.address for a in (*self.to, *self.cc, *self.bcc)]))


class LetterError(ValueError):
    """The message cannot become a letter; the text is a reason for people."""


def letter_of(message: Message, mailbox: MailboxSettings) -> Letter:
    """Make the letter; LetterError where an address is none, nobody is named, or a header hides a line end."""
    try:
        return _letter(message, mailbox)
    except (AddressError, BodyError, HeaderError) as error:
        raise LetterError(str(error)) from None


def _letter(message: Message, mailbox: MailboxSettings) -> Letter:
    options = message.options
    sender = _sender(message, mailbox)
    to = parse_all(options.get("to")) or parse_all(message.to)
    if not to:
        raise LetterError("there is no recipient")
    subject = str(options.get("subject") or "").strip()
    if not subject:
        raise LetterError("there is no subject")
    unsubscribing = bool(options.get("unsubscribe"))
    url = message.unsubscribe_url if unsubscribing else None
    template = options.get("template")
    reply_to = parse_all(options.get("reply_to"))
    answered = (reply_to or (sender,))[0].address if unsubscribing and url is None else None
    link = url if answered is None else f"mailto:{quote(answered, safe='@')}?subject=unsubscribe"
    body = template if isinstance(template, Body) else str(options.get("text") or "")
    text, html = parts_of(body, link, message.tracking, told_url=message.unsubscribe_url)
    files = [file for file in options.get("attachments") or () if isinstance(file, Attachment)]
    html, pictures = _pictures(html, files, sender.domain) if html is not None and files else (html, ())
    shown = {p.file.name for p in pictures}
    attachments = tuple([file for file in files if file.name not in shown])
    envelope = mailbox.name if "@" in mailbox.name else sender.address
    return Letter(
        key=message.key, message_id=message.message_id or f"<{message.key}@{sender.domain}>", at=message.at, sender=sender,
        envelope_from=parse(envelope).address, to=to, cc=parse_all(options.get("cc")), bcc=parse_all(options.get("bcc")),
        reply_to=reply_to, subject=subject, text=text, html=html,
        references=message.thread.references if message.thread is not None else (),
        unsubscribe_url=url, unsubscribe_mail=answered, attachments=attachments, pictures=pictures,
    )


def _pictures(html: str, files: Sequence[Attachment], domain: str) -> tuple[str, tuple[Picture, ...]]:
    """Return the page and the files that it shows; an attachment that it does not name stays one."""
    found = []
    for file in files:
        name = file.name.rpartition("/")[2]
        written = next((w for w in (f'"cid:{name}"', f"'cid:{name}'", f'"cid:{quote(name)}"') if w in html), None)
        if written is not None:
            known = f"{hashlib.sha256(file.name.encode()).hexdigest()[:16]}@{domain}"
            html = html.replace(written, f'"cid:{known}"')
            found.append(Picture(known, file))
    return html, tuple(found)


def _sender(message: Message, mailbox: MailboxSettings) -> Address:
    """The option `from`; else what the mailbox says; else whose mailbox it is; else the flow's owner."""
    named = message.options.get("from") or mailbox.get("from")
    return _named(str(named) if named else None, message.sender or message.owner)


@lru_cache(maxsize=256)  # the senders of a project
def _named(named: str | None, person: Person | None) -> Address:
    if named:
        found = parse(named)
        if not found.name and person is not None and person.email.lower() == found.address.lower():
            return Address(found.address, person.name)
        return found
    if person is None:
        raise LetterError("nobody is named as the sender: set `from` in the mailbox's settings")
    return Address(parse(person.email).address, person.name)
