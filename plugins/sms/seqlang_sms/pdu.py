"""The packets of SMPP 3.4 (smpp.org, SMPP v3.4 issue 1.2), as far as texts need them: bytes to records and back."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

RESPONSE = 0x80000000
GENERIC_NACK = 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER = 0x01, 0x02
SUBMIT, DELIVER, UNBIND, ENQUIRE_LINK = 0x04, 0x05, 0x06, 0x15
HEAD = struct.Struct(">IIII")
PACKET_BYTES_MAX = 64 * 1024

TLV_PAYLOAD, TLV_RECEIPTED_ID, TLV_STATE = 0x0424, 0x001E, 0x0427
UDH_PRESENT = 0x40  # of esm_class: the text begins with a header
RECEIPT = 0x04
RECEIPT_MASK = 0x3C
GSM, ASCII, LATIN1, WIDE = 0, 1, 3, 8  # of data_coding


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encode(self) -> bytes:
        """Return its bytes."""
        return HEAD.pack(HEAD.size + len(self.body), self.command, self.status, self.sequence) + self.body


@dataclass(frozen=True, slots=True)
class Text:
    """What a `submit_sm` or a `deliver_sm` holds."""

    source: str
    destination: str
    content: bytes
    coding: int = GSM
    esm_class: int = 0
    tlvs: dict[int, bytes] = field(default_factory=dict)

    @property
    def is_receipt(self) -> bool:
        """Whether it tells what became of a text of ours."""
        return self.esm_class & RECEIPT_MASK == RECEIPT


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    """Return the body of a bind: who we are, version 3.4, any address."""
    return _text(system_id) + _text(password) + _text(system_type) + bytes([0x34, 0, 0]) + _text("")


def submit_body(sender: str, number: str, content: bytes, *, coding: int, esm_class: int, receipt: bool) -> bytes:
    """Return the body of a `submit_sm`; names of senders that are no numbers go as alphanumeric ones."""
    digits = sender.lstrip("+")
    kind, plan = (1, 1) if digits.isdigit() and len(digits) > 6 else (3, 1) if digits.isdigit() else (5, 0) if digits else (0, 0)
    return b"".join((
        _text(""), bytes([kind, plan]), _text(digits), bytes([1, 1]), _text(number.lstrip("+")),
        bytes([esm_class, 0, 0]), _text(""), _text(""), bytes([int(receipt), 0, coding, 0, len(content)]), content,
    ))  # fmt: skip


def read_text(body: bytes) -> Text:
    """Read the body of a `submit_sm` or a `deliver_sm`; ValueError where it is none."""
    try:
        return _read_text(body)
    except (IndexError, struct.error):
        raise ValueError("a packet of SMPP ends too early") from None


def _read_text(body: bytes) -> Text:
    at = _behind(body, 0) + 2
    source, at = _word(body, at)
    destination, at = _word(body, at + 2)
    esm_class, at = body[at], at + 3
    at = _behind(body, _behind(body, at))  # when to deliver, and how long it holds
    coding, length = body[at + 2], body[at + 4]
    content, at = body[at + 5 : at + 5 + length], at + 5 + length
    tlvs: dict[int, bytes] = {}
    while at < len(body):
        tag, size = struct.unpack_from(">HH", body, at)
        tlvs[tag] = body[at + 4 : at + 4 + size]
        at += 4 + size
    return Text(source, destination, content or tlvs.get(TLV_PAYLOAD, b""), coding, esm_class, tlvs)


def read_word(body: bytes) -> str:
    """Return the word with which the body begins: of an answer to a `submit_sm` the message's name."""
    return _word(body, 0)[0] if body else ""


def _text(text: str) -> bytes:
    return text.encode("ascii", "replace") + b"\0"


def _behind(body: bytes, at: int) -> int:
    return body.index(b"\0", at) + 1


def _word(body: bytes, at: int) -> tuple[str, int]:
    end = body.find(b"\0", at)
    end = len(body) if end < 0 else end  # some forget the zero at the very end
    return body[at:end].decode("latin-1"), end + 1
