"""The channel: a text to one number, over SMPP or through a provider's apprise URL."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, SecretError, Unavailable
from seqlang.sdk.texts import segments
from seqlang_sms.numbers import country_of, normal, zone_of
from seqlang_sms.quiet import quiet_of

MISSING = 'texts need one more part of seqlang: pip install "seqlang[sms]"'
NOWHERE = ('[channels.sms.default] names no way out: `smpp = "smpp://ACCOUNT@HOST:2775"`, or `url = { env = "NAME" }` with a '
           "provider's apprise URL")  # fmt: skip
SEGMENTS_MAX = 255  # a message in pieces counts them with one byte


class Sms:
    """One provider; used by one thread."""

    def __init__(self, mailbox: MailboxSettings, *, dry_run: bool) -> None:
        self._mailbox = mailbox
        self._dry_run = dry_run
        self._quiet = quiet_of(str(mailbox.get("quiet") or ""))
        self._smpp: Any = None

    def deliver(self, message: Message) -> Outcome:
        """Send one text, unless it is night where the recipient is."""
        text = str(message.options.get("text") or "").strip()
        number = normal(message.to, country_of(message.contact, str(self._mailbox.get("country") or "")))
        if number is None:
            return Rejected(f"`{message.to}` is no phone number", address_is_bad=True)
        if not text:
            return Rejected("the text is empty")
        pieces = segments(text)
        if len(pieces) > SEGMENTS_MAX:
            return Rejected(f"the text takes {len(pieces)} segments, and no phone takes more than {SEGMENTS_MAX}")
        if self._dry_run:
            return Accepted(None, f"{number}: {text} ({_counted(len(pieces))})")
        if (wait := self._silence(message, number)) is not None:
            return wait
        sender = str(message.options.get("from") or self._mailbox.get("from") or "")
        try:
            if self._mailbox.get("smpp"):
                outcome: Outcome = self._line().send(number, sender, pieces, _reference(message.key))
                return outcome
            url = self._mailbox.secret("url")
        except (SecretError, ValueError) as error:
            return Unavailable(str(error))
        return _through_apprise(url, number, text, sender) if url else Unavailable(NOWHERE)

    def close(self) -> None:
        """Say goodbye to the SMS centre."""
        if self._smpp is not None:
            self._smpp.close()
            self._smpp = None

    def _silence(self, message: Message, number: str) -> Retry | None:
        if self._quiet is None:
            return None
        zone = zone_of(message.contact, number, str(self._mailbox.get("timezone") or ""))
        left = self._quiet.until(message.at, zone)
        if left is None:
            return None
        return Retry(f"quiet hours in {zone.key}, until {self._quiet.ends:%H:%M}", max(left, timedelta(seconds=1)))

    def _line(self) -> Any:
        if self._smpp is None:
            from seqlang_sms.sending import Sending, account_from

            self._smpp = Sending(account_from(self._mailbox))
        return self._smpp


def _reference(key: str) -> int:
    """Return the byte by which a phone knows the pieces of one text: the same at every attempt."""
    return hashlib.sha256(key.encode()).digest()[0]


def _counted(count: int) -> str:
    return f"{count} segment" if count == 1 else f"{count} segments"


def _through_apprise(url: str, number: str, text: str, sender: str) -> Outcome:
    """Send through apprise, which says only yes or no; what it raises and logs may hold the account's secret."""
    try:
        import apprise
    except ImportError:
        return Unavailable(MISSING)
    filled = url.replace("{to}", number.lstrip("+")).replace("{from}", sender.lstrip("+"))
    if "{to}" not in url:
        filled = f"{url.rstrip('/')}/{number}"
    service = apprise.Apprise.instantiate(filled)
    if service is None:
        return Unavailable("the provider's URL is none that apprise knows")
    service.asset.secure_logging = True
    if service.notify(body=text):
        return Accepted(None, f"taken by {service.service_name}, {_counted(len(segments(text)))}", number)
    return Retry(f"{service.service_name} did not take it")
