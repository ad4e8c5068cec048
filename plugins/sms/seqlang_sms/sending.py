"""Texts over SMPP: bound as a transmitter, one piece after the other, and what the centre's answers mean."""

from __future__ import annotations

import time
from collections.abc import Sequence

from seqlang.sdk import Accepted, MailboxSettings, Outcome, Rejected, Retry, Unavailable, Unclear
from seqlang.sdk.texts import gsm_bytes, is_gsm
from seqlang_sms import pdu
from seqlang_sms.smpp import Account, Session, SmppError, account_of

BUSY = (0x08, 0x14, 0x58, 0x64)  # a fault of the centre, a full queue, throttled, not now
ACCOUNT = (0x0D, 0x0E, 0x0F)  # the bind was refused
BAD_NUMBER = 0x0B
PATIENCE_SECONDS = (0.5, 1.0, 2.0, 4.0)  # between attempts at a later piece of a text of which earlier ones have gone


def account_from(mailbox: MailboxSettings) -> Account:
    """Read the mailbox's settings; ValueError (SecretError too) with one sentence where they cannot work."""
    return account_of(
        str(mailbox.get("smpp")), mailbox.secret("password") or "", system_type=str(mailbox.get("system_type") or ""),
        ca_file=mailbox.get("ca_file"), timeout_seconds=float(mailbox.get("timeout_seconds") or 15),
        enquire_seconds=float(mailbox.get("enquire_seconds") or 30),
    )  # fmt: skip


class Sending:
    """One connection, kept."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._session: Session | None = None

    def send(self, number: str, sender: str, pieces: Sequence[str], reference: int) -> Outcome:
        """Send all pieces of one text; the receipt is asked for the last one, whose name is then the text's."""
        try:
            session = self._ready()
        except SmppError as error:
            return Unavailable(f"{self._account.host}: {error}")
        except OSError as error:
            return Unavailable(f"{self._account.host} cannot be reached: {error}")
        name = ""
        gsm = all(is_gsm(piece) for piece in pieces)
        for index, piece in enumerate(pieces):
            raw = gsm_bytes(piece) if gsm else piece.encode("utf-16-be")
            several = len(pieces) > 1
            head = bytes([5, 0, 3, reference, len(pieces), index + 1]) if several else b""
            body = pdu.submit_body(sender, number, head + raw, coding=pdu.GSM if gsm else pdu.WIDE,
                                   esm_class=pdu.UDH_PRESENT if several else 0, receipt=index + 1 == len(pieces))  # fmt: skip
            try:
                name = self._submit(session, body, patient=index > 0)
            except SmppError as error:
                return _refused(error, index, len(pieces))
            except OSError as error:
                # Sent, and no answer: it may have gone.
                self.close()
                return Unclear(f"{self._account.host} gave no answer: {error}")
        said = f"taken by {self._account.host}, {len(pieces)} segment{'s' if len(pieces) > 1 else ''}"
        return Accepted(name or None, said, number)

    def close(self) -> None:
        """Give the connection back."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _ready(self) -> Session:
        """Return a connection that works: a kept one is asked first where it was quiet for a while."""
        if self._session is not None:
            try:
                self._session.prove()
            except (OSError, SmppError):
                self.close()
        if self._session is None:
            self._session = Session(self._account, pdu.BIND_TRANSMITTER)
        return self._session

    @staticmethod
    def _submit(session: Session, body: bytes, *, patient: bool) -> str:
        """Hand one piece over; `patient`: pieces before it have gone, so a busy centre is asked again."""
        for seconds in (*(PATIENCE_SECONDS if patient else ()), None):
            try:
                return session.submit(body)
            except SmppError as error:
                if seconds is None or error.status not in BUSY:
                    raise
                time.sleep(seconds)
        raise AssertionError("the last attempt returns or raises")


def _refused(error: SmppError, gone: int, count: int) -> Outcome:
    if gone:
        return Unclear(f"{gone} of {count} segments have gone, the next was refused: {error}")
    if error.status in BUSY:
        return Retry(str(error))
    if error.status in ACCOUNT:
        return Unavailable(str(error))
    return Rejected(str(error), address_is_bad=error.status == BAD_NUMBER)
