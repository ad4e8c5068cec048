"""A mail server as the settings name it, and how to get onto it."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from seqlang.sdk import MailboxSettings

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
TIMEOUT_SECONDS = 30.0


class LoginError(Exception):
    """The server is there and does not let us in."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to connect."""

    scheme: Literal["smtp", "smtps", "smtp+starttls"]
    host: str
    port: int
    user: str | None
    hello_name: str
    timeout_seconds: float
    ca_file: str | None

    @classmethod
    def of(cls, mailbox: MailboxSettings) -> Server:
        """Read the settings; ValueError with one sentence where they cannot work."""
        url = mailbox.get("smtp")
        if not isinstance(url, str) or not url:
            raise ValueError(f'the mailbox `{mailbox.name}` has no server: set `smtp = "smtp+starttls://user@host:587"`')
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError(f"`{parts.scheme or url}` is no mail server: write smtp://, smtps:// or smtp+starttls://USER@HOST:PORT")
        if parts.password is not None:
            raise ValueError('the password must not stand in the address of the server: write `password = { env = "NAME" }`')
        user = unquote(parts.username) if parts.username else None
        if user is not None and parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
            raise ValueError("a password must not go over the network in the clear: write smtps:// or smtp+starttls://")
        name = str(mailbox.get("hello_name") or mailbox.name.rpartition("@")[2])
        return cls(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], user,  # type: ignore[arg-type]
                   name if name.isascii() and name != "default" else "localhost",
                   float(mailbox.get("timeout_seconds") or TIMEOUT_SECONDS), mailbox.get("ca_file"))

    @property
    def place(self) -> str:
        """For people."""
        return f"{self.host}:{self.port}"

    def connect(self, mailbox: MailboxSettings) -> smtplib.SMTP:
        """Connect, encrypt and log in. OSError, smtplib.SMTPException: out of reach; LoginError: not let in."""
        smtp: smtplib.SMTP
        if self.scheme == "smtps":
            smtp = smtplib.SMTP_SSL(self.host, self.port, self.hello_name, timeout=self.timeout_seconds, context=self._context())
        else:
            smtp = smtplib.SMTP(self.host, self.port, self.hello_name, timeout=self.timeout_seconds)
        try:
            if self.scheme == "smtp+starttls":
                smtp.starttls(context=self._context())
            smtp.ehlo_or_helo_if_needed()
            if self.user is not None:
                self._log_in(smtp, self.user, mailbox)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _context(self) -> ssl.SSLContext:
        """Certificates are always verified."""
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        return context

    def _log_in(self, smtp: smtplib.SMTP, user: str, mailbox: MailboxSettings) -> None:
        token = mailbox.secret("oauth_token")
        password = None if token is not None else mailbox.secret("password")
        try:
            if token is not None:
                smtp.auth("XOAUTH2", lambda challenge=None: _xoauth2(user, token) if challenge is None else "")
            elif password is not None:
                smtp.login(user, password)
            else:
                raise LoginError(f'the mailbox `{mailbox.name}` has a user and no password: set `password = {{ env = "NAME" }}`')
        except smtplib.SMTPAuthenticationError as error:
            what = "the user name or the password" if token is None else "the access token"
            why = f"{self.place} does not accept {what} of `{user}` ({error.smtp_code})"
            raise LoginError(why) from None
        except smtplib.SMTPNotSupportedError:
            raise LoginError(f"{self.place} lets nobody log in") from None


def _xoauth2(user: str, token: str) -> str:
    """Return the one thing that a client says; to a refusal, which comes as a challenge, it answers with nothing."""
    return f"user={user}\1auth=Bearer {token}\1\1"
