"""What comes back from an SMS centre: receipts of our texts, and answers to them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from seqlang.sdk import Incoming
from seqlang.sdk.texts import gsm_text
from seqlang_sms import pdu
from seqlang_sms.pdu import Text
from seqlang_sms.smpp import Account, Session, SmppError

# "id:7220bb6bd0be98fa sub:001 dlvrd:001 submit date:… done date:… stat:DELIVRD err:000 text:…" (appendix B of the standard).
_FIELD = re.compile(r"\b(id|stat|err):\s*(\S*)", re.IGNORECASE)
STATES = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD"}
# No such number, or not in service: the number is to blame. A phone that was off until the text expired, or a centre that refused
# it or lost it, says nothing about the number.
FAILED, DELAYED, UNDERWAY = ("UNDELIV",), ("EXPIRED", "DELETED", "REJECTD", "UNKNOWN"), ("ENROUTE", "ACCEPTD")
REFUSED = (0x0D, 0x0E, 0x0F)  # of a bind: account or password


class SmppInbox:
    """A connection bound as a receiver. What was not confirmed, the centre gives again at the next connection."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._session: Session | None = None
        self._open: list[int] = []  # numbers of packets that are not confirmed

    def receive(self, seconds: float) -> Sequence[Incoming]:
        """Wait and return what came."""
        try:
            if self._session is None:
                self._session = Session(self._account, pdu.BIND_RECEIVER)
            came = self._session.receive(seconds)
        except SmppError as error:
            if error.status in REFUSED:
                raise ValueError(f"{self._account.host}: {error}") from None
            raise ConnectionError(f"{self._account.host}: {error}") from None
        except OSError as error:
            raise ConnectionError(f"{self._account.host} cannot be reached: {error}") from None
        found: list[Incoming] = []
        for sequence, text in came:
            self._open.append(sequence)
            if text is not None and (item := read(text)) is not None:
                found.append(item)
        return found

    def confirm(self) -> None:
        """Acknowledge all that was received."""
        if self._session is not None:
            try:
                for sequence in self._open:
                    self._session.confirm(sequence)
            except OSError as error:
                raise ConnectionError(str(error)) from None
        self._open.clear()

    def close(self) -> None:
        """Say goodbye."""
        if self._session is not None:
            self._session.close()
            self._session = None


def read(text: Text) -> Incoming | None:
    """Return what a packet tells; None for what says nothing (a receipt on the way, a later piece of a long answer)."""
    if text.is_receipt:
        return _receipt(text)
    words, first = _words(text)
    if not first:
        return None
    sender = text.source if not text.source.isdigit() or len(text.source) < 7 else f"+{text.source}"
    # A centre gives no name to an answer. Given again after a broken connection it has the same words, and the same sender; the
    # same answer twice on purpose says nothing new.
    name = hashlib.sha256(f"{text.source}\n{text.destination}\n{words}".encode()).hexdigest()[:32]
    return Incoming("answer", f"mo:{name}", sender=sender, text=words)


def _receipt(text: Text) -> Incoming | None:
    said = text.content.decode("latin-1")
    fields = {name.lower(): value for name, value in _FIELD.findall(said)}
    named = text.tlvs.get(pdu.TLV_RECEIPTED_ID, b"").rstrip(b"\0").decode("latin-1") or fields.get("id", "")
    state = fields.get("stat", "").upper()
    if not state and text.tlvs.get(pdu.TLV_STATE):
        state = STATES.get(text.tlvs[pdu.TLV_STATE][0], "UNKNOWN")
    if not named or state in UNDERWAY:
        return None
    kind = "delivered" if state.startswith("DELIV") else "failed" if state in FAILED else "delayed"
    shown = state + (f" (error {fields['err']})" if fields.get("err", "").strip("0") else "")
    return Incoming(kind, f"dlr:{named}:{state}", message_id=forms_of(named), text=shown)  # type: ignore[arg-type]


def forms_of(name: str) -> tuple[str, ...]:
    """Return a message's name as it may have been told first: some centres say it in decimal here and in hexadecimal there."""
    found = [name]
    if name.isdigit():
        found += [f"{int(name):x}", f"{int(name):X}", name.lstrip("0")]
    if re.fullmatch(r"[0-9A-Fa-f]{1,16}", name):
        found += [str(int(name, 16)), name.lower(), name.upper()]
    return tuple(dict.fromkeys(form for form in found if form))


def _words(text: Text) -> tuple[str, bool]:
    """Return the words, and whether this is the first (or only) piece of the answer."""
    raw, first = text.content, True
    if text.esm_class & pdu.UDH_PRESENT and raw:
        head, raw = raw[1 : 1 + raw[0]], raw[1 + raw[0] :]
        at = 0
        while at + 1 < len(head):
            kind, size = head[at], head[at + 1]
            if kind in (0x00, 0x08) and size >= 3:
                first = head[at + 1 + size] == 1
            at += 2 + size
    if text.coding == pdu.WIDE:
        return raw.decode("utf-16-be", "replace"), first
    if text.coding == pdu.GSM:
        return gsm_text(raw), first
    return raw.decode("latin-1"), first
