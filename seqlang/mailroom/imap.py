"""An IMAP folder, opened for reading only: what is read there stays unread for its owner."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from seqlang.errors import SeqlangError
from seqlang.limits import MAIL_BYTES_MAX, MAILBOX_TIMEOUT_SECONDS
from seqlang.mailroom.accounts import AccountError, port_of, server_of, user_of
from seqlang.mailroom.records import Account, Mail
from seqlang.sdk.mailbox import MailboxSettings, SecretError

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

UNKNOWN = datetime.max.replace(tzinfo=UTC)  # when a mail came: its reader takes it for now
UIDS_A_LINE = 200  # how many numbers a command names: servers limit the length of lines
_UID = re.compile(rb"\bUID (\d+)")
_RECEIVED = re.compile(rb'INTERNALDATE "([^"]{1,60})"')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxError(SeqlangError):
    """A mailbox cannot be read."""


class Folder:
    """A folder of an account; MailboxError, in one sentence, where it cannot be opened or the connection breaks."""

    def __init__(self, account: Account) -> None:
        self._name = account.name
        self._box = _connect(account)
        try:
            with _failures(self._name):
                self._box.folder.set(account.folder, readonly=True)
                self.uidvalidity = self._told("UIDVALIDITY")
                self.highest = self._told("UIDNEXT") - 1
                if self.highest < 0:
                    self.highest = max(self._search("UID *"), default=0)
        except BaseException:
            self.close()
            raise

    def _told(self, word: str) -> int:
        """Return a number that the server told when the folder was opened; 0: it did not."""
        data = self._box.client.response(word)[1]
        return int(data[0]) if data and data[0] else 0

    def uids_after(self, uid: int) -> Sequence[int]:
        """Return the numbers of all mail above that one, ascending."""
        return [u for u in self._search(f"UID {uid + 1}:*") if u > uid]  # `*` is the last one, whatever its number

    def uids_since(self, day: date) -> Sequence[int]:
        """Return the numbers of all mail that came on that day or later, ascending."""
        return self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def _search(self, words: str) -> list[int]:
        with _failures(self._name):
            status, data = self._box.client.uid("SEARCH", words)
            if status != "OK":
                raise MailboxError(f"{self._name}: the server does not search")
            return sorted(int(n) for line in data if line for n in bytes(line).split() if n.isdigit())

    def fetch(self, uids: Sequence[int]) -> Sequence[Mail]:
        """Return these mails, their beginnings at least; those that are gone, or that the server cannot give, are left out."""
        found: dict[int, Mail] = {}
        for start in range(0, len(uids), UIDS_A_LINE):
            some = uids[start : start + UIDS_A_LINE]
            with _failures(self._name):
                status, data = self._ask(",".join(str(u) for u in some))
                if status == "OK":
                    found.update((m.uid, m) for m in _mails(data))
                    continue
                for uid in some:  # one that the server cannot give must not keep the others back
                    status, data = self._ask(str(uid))
                    found.update((m.uid, m) for m in (_mails(data) if status == "OK" else ()))
        return [found[u] for u in sorted(found)]

    def _ask(self, uids: str) -> tuple[str, list[Any]]:
        return self._box.client.uid("FETCH", uids, f"(UID INTERNALDATE BODY.PEEK[]<0.{MAIL_BYTES_MAX}>)")

    def close(self) -> None:
        """Leave; whatever the server says to it."""
        try:
            self._box.logout()
        except Exception:  # noqa: BLE001  it is left all the same
            return


def _mails(data: list[Any]) -> Iterator[Mail]:
    """Read an answer to FETCH: pairs of attributes and contents, with what follows them apart."""
    for index, item in enumerate(data):
        if not isinstance(item, tuple) or len(item) < 2:
            continue
        following = data[index + 1] if index + 1 < len(data) else b""
        said = bytes(item[0]) + (following if isinstance(following, bytes) else b"")
        uid = _UID.search(said)
        if uid is not None:
            yield Mail(int(uid[1]), _received(said), bytes(item[1]))


def _received(said: bytes) -> datetime:
    found = _RECEIVED.search(said)
    try:
        at = parsedate_to_datetime(found[1].decode("ascii", "replace").strip()) if found else UNKNOWN
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return UNKNOWN


def _connect(account: Account) -> BaseMailBox:
    try:
        import imap_tools
    except ImportError:
        raise MailboxError(f"{account.name}: reading mailboxes needs `pip install 'seqlang[email]'`") from None
    box = account.settings
    with _failures(account.name):
        parts = server_of(box)
        seconds = float(box.get("timeout_seconds") or MAILBOX_TIMEOUT_SECONDS)
        host, port = parts.hostname or "", port_of(parts)
        made: BaseMailBox
        if parts.scheme == "imaps":
            made = imap_tools.MailBox(host, port, timeout=seconds, ssl_context=_context(box))
        elif parts.scheme == "imap+starttls":
            made = imap_tools.MailBoxStartTls(host, port, timeout=seconds, ssl_context=_context(box))
        else:
            made = imap_tools.MailBoxUnencrypted(host, port, timeout=seconds)
        token = box.secret("oauth_token")
        if token is not None:
            _show_token(made, account.name, user_of(box), token)
            return made
        password = box.secret("imap_password") or box.secret("password")
        if password is None:
            raise MailboxError(f'{account.name}: it has no password: set `imap_password = {{ env = "NAME" }}`')
        made.login(user_of(box), password, initial_folder=None)
        return made


def _show_token(made: BaseMailBox, name: str, user: str, token: str) -> None:
    """Log in by XOAUTH2; a server that refuses says why in a challenge, to which the answer is nothing."""
    said = [f"user={user}\1auth=Bearer {token}\1\1".encode()]
    try:
        made.client.authenticate("XOAUTH2", lambda _challenge: said.pop() if said else b"")
    except made.client.abort:
        raise  # the connection broke
    except made.client.error:
        raise MailboxError(f"{name}: the server does not accept the access token of `{user}`") from None


def _context(box: MailboxSettings) -> ssl.SSLContext:
    """Certificates are always verified."""
    context = ssl.create_default_context()
    if box.get("ca_file"):
        context.load_verify_locations(str(box.get("ca_file")))
    return context


class _failures:  # noqa: N801  reads as a word at its place
    """Turns whatever a server or the network does into one sentence."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, MailboxError):
            return
        raise MailboxError(f"{self._name}: {_sentence(error)}") from None


def _sentence(error: Exception) -> str:
    name = type(error).__name__
    if isinstance(error, AccountError | SecretError):
        return str(error)
    if name == "MailboxLoginError":
        return "the server does not accept the user name or the password"
    if name == "MailboxFolderSelectError":
        return "there is no such folder"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "the server does not answer"
    if isinstance(error, OSError):
        return f"the server is out of reach: {(error.strerror or str(error) or name).lower()}"
    return f"the server says what nobody understands ({name})"
