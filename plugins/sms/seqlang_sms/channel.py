"""The channel: a text to one number, through the provider's apprise URL."""

from __future__ import annotations

import re
from typing import Any

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, SecretError, Unavailable
from seqlang_sms.segments import segments_of

_NUMBER = re.compile(r"\+?[0-9][0-9 ()./-]{4,25}")
MISSING = 'texts need one more part of seqlang: pip install "seqlang[sms]"'


class Sms:
    """One provider; used by one thread."""

    def __init__(self, mailbox: MailboxSettings, *, dry_run: bool) -> None:
        self._mailbox = mailbox
        self._dry_run = dry_run

    def deliver(self, message: Message) -> Outcome:
        """Send one text. A provider that only says no may have been busy: that is tried again."""
        text = str(message.options.get("text") or "").strip()
        number = normal(message.to)
        if number is None:
            return Rejected(f"`{message.to}` is no phone number", address_is_bad=True)
        if not text:
            return Rejected("the text is empty")
        if self._dry_run:
            return Accepted(None, f"{number}: {text} ({segments_of(text)} segments)")
        try:
            import apprise
        except ImportError:
            return Unavailable(MISSING)
        try:
            url = self._mailbox.secret("url")
        except SecretError as error:
            return Unavailable(str(error))
        if not url:
            return Unavailable('set `url = { env = "NAME" }` in [channels.sms.default]: where the provider\'s apprise URL is')
        return _send(apprise, url, number, text, str(message.options.get("from") or ""))

    def close(self) -> None:
        """Do nothing: no connection is kept."""


def _send(apprise: Any, url: str, number: str, text: str, sender: str) -> Outcome:
    """Send through apprise, which says only yes or no; what it raises and logs may hold the account's secret."""
    filled = url.replace("{to}", number.lstrip("+")).replace("{from}", sender.lstrip("+"))
    if "{to}" not in url:
        filled = f"{url.rstrip('/')}/{number}"
    service = apprise.Apprise.instantiate(filled)
    if service is None:
        return Unavailable("the provider's URL is none that apprise knows")
    service.asset.secure_logging = True
    if service.notify(body=text):
        return Accepted(None, f"taken by {service.service_name}, {segments_of(text)} segments")
    return Retry(f"{service.service_name} did not take it")


def normal(text: str) -> str | None:
    """Return the number's digits, with its plus; None where it is none."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    digits = re.sub(r"[^0-9+]", "", text)
    return "+" + digits[2:] if digits.startswith("00") else digits
