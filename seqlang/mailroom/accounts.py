"""The IMAP accounts of a project: `imap` in the tables of its mailboxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from seqlang.mailroom.records import Account
from seqlang.sdk.mailbox import MailboxSettings
from seqlang.vocabulary.settings import LOOPBACK

if TYPE_CHECKING:
    from seqlang.vocabulary.settings import ProjectSettings

PORTS = {"imaps": 993, "imap": 143, "imap+starttls": 143}
POLL_SECONDS_MIN = 1.0
INBOX = "INBOX"


class AccountError(ValueError):
    """The settings of an account cannot work; the message is one sentence."""


def accounts_of(settings: ProjectSettings) -> tuple[list[Account], list[str]]:
    """Return the accounts to read, each once, and in plain words which settings cannot work."""
    found: dict[tuple[str, str], list[tuple[str, MailboxSettings]]] = {}
    problems: list[str] = []
    for word, tables in settings.channels.items():
        for name, table in tables.items():
            if not isinstance(table, Mapping) or not table.get("imap"):
                continue
            box = MailboxSettings(word, name, table)
            try:
                key = (_place(box), str(table.get("imap_folder") or INBOX))
            except AccountError as wrong:
                problems.append(f"{word}:{name}: {wrong}")
                continue
            found.setdefault(key, []).append((f"{word}:{name.lower()}", box))
    accounts = [
        Account(place, folder, tuple(n for n, _ in boxes), boxes[0][1],
                min((s for _, b in boxes if (s := _poll_seconds(b)) is not None), default=None))
        for (place, folder), boxes in sorted(found.items())
    ]
    return accounts, problems


def server_of(box: MailboxSettings) -> SplitResult:
    """Return the address of the server; AccountError where it is none."""
    url = str(box.get("imap") or "")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise AccountError(f"`{url}` is no address of a server") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise AccountError(f"`{parts.scheme or url}` is no mail server: write imaps://, imap+starttls:// or imap://USER@HOST:PORT")
    if parts.password is not None:
        raise AccountError('the password must not stand in the address of the server: write `imap_password = { env = "NAME" }`')
    if parts.scheme == "imap" and parts.hostname not in LOOPBACK:
        raise AccountError("a password must not go over the network in the clear: write imaps:// or imap+starttls://")
    return parts


def user_of(box: MailboxSettings) -> str:
    """Return who logs in: the user of the address, else the mailbox's own name."""
    parts = server_of(box)
    return unquote(parts.username) if parts.username else box.name


def port_of(parts: SplitResult) -> int:
    """Return the port of a server."""
    return parts.port or PORTS[parts.scheme]


def own_addresses(settings: ProjectSettings) -> frozenset[str]:
    """Return the addresses of the house, lower case: its users, its mailboxes, whom they send as."""
    found = {user.email.lower() for user in settings.users}
    for tables in settings.channels.values():
        for name, table in tables.items():
            found.add(name.lower())
            sender: Any = table.get("from") if isinstance(table, Mapping) else None
            if isinstance(sender, str):
                found.add(sender.rpartition("<")[2].rstrip("> ").strip().lower())
    return frozenset(a for a in found if "@" in a)


def _place(box: MailboxSettings) -> str:
    parts = server_of(box)
    return f"{user_of(box)}@{parts.hostname}:{port_of(parts)}"


def _poll_seconds(box: MailboxSettings) -> float | None:
    given = box.get("imap_poll_seconds")
    return max(POLL_SECONDS_MIN, float(given)) if isinstance(given, int | float) and not isinstance(given, bool) else None
