"""A connection to an SMS centre over SMPP 3.4: bound one way, watched, and closed politely.

Our own rather than a library's, because what comes in must be acknowledged only when it is safely in the database (an answer may
be a STOP), and because a channel is one thread that calls and waits: docs/design says more.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from seqlang_sms import pdu
from seqlang_sms.pdu import Packet, Text

PORT, PORT_TLS = 2775, 3550
STATUS_WORDS = {
    0x01: "the packet has a wrong length", 0x05: "already bound", 0x08: "the centre has a fault", 0x0A: "the sender is refused",
    0x0B: "the number is wrong", 0x0D: "the login was refused", 0x0E: "the password is wrong", 0x0F: "the account is unknown",
    0x14: "the centre's queue is full", 0x45: "the text was refused", 0x58: "too many at a time", 0x64: "not now",
}  # fmt: skip


class SmppError(Exception):
    """The centre said no; `status` is its command_status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{STATUS_WORDS.get(status, 'refused')} (SMPP 0x{status:02X})")
        self.status = status


@dataclass(frozen=True, slots=True)
class Account:
    """Where the centre is, and who we are there."""

    host: str
    port: int
    tls: bool
    system_id: str
    password: str
    system_type: str = ""
    ca_file: str | None = None
    timeout_seconds: float = 15.0
    enquire_seconds: float = 30.0


def account_of(url: str, password: str, **more: object) -> Account:
    """Read `smpp://ACCOUNT@HOST:PORT` or `smpps://…`; ValueError with one sentence where it is none."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"`{url}` has a wrong port") from None
    if parts.scheme not in ("smpp", "smpps") or not parts.hostname or not parts.username:
        raise ValueError(f"`{url}` is no address of an SMS centre: write smpp://ACCOUNT@HOST:2775, or smpps:// with TLS")
    if parts.password is not None:
        raise ValueError('no password stands in `smpp`: write `password = { env = "NAME" }`')
    tls = parts.scheme == "smpps"
    return Account(parts.hostname, port or (PORT_TLS if tls else PORT), tls, unquote(parts.username), password, **more)  # type: ignore[arg-type]


class Session:
    """One bound connection. OSError: it is lost; SmppError: the centre said no."""

    def __init__(self, account: Account, command: int) -> None:
        """Connect and bind (BIND_TRANSMITTER or BIND_RECEIVER)."""
        self._account = account
        self._sequence = 0
        self._buffer = bytearray()
        self._came: deque[Packet] = deque()  # requests of the centre that nobody has taken yet
        self._heard = time.monotonic()
        self._socket = self._connected()
        try:
            body = pdu.bind_body(account.system_id, account.password, account.system_type)
            self._ask(command, body)
        except BaseException:
            self._socket.close()
            raise

    def submit(self, body: bytes) -> str:
        """Hand over one text and return the centre's name for it."""
        return pdu.read_word(self._ask(pdu.SUBMIT, body).body)

    def prove(self) -> None:
        """Ask whether the centre is still there, where it was not heard for a while."""
        if time.monotonic() - self._heard > self._account.enquire_seconds:
            self._ask(pdu.ENQUIRE_LINK, b"")

    def receive(self, seconds: float) -> list[tuple[int, Text | None]]:
        """Wait for texts, and return them with their numbers for `confirm`; None for what is no text."""
        deadline = time.monotonic() + seconds
        while not self._came and (left := deadline - time.monotonic()) > 0:
            due = self._heard + self._account.enquire_seconds - time.monotonic()
            if due <= 0:
                self._ask(pdu.ENQUIRE_LINK, b"")
                continue
            packet = self._read(min(left, due))
            if packet is not None:
                self._answer(packet)
        found: list[tuple[int, Text | None]] = []
        while self._came:
            packet = self._came.popleft()
            try:
                found.append((packet.sequence, pdu.read_text(packet.body)))
            except ValueError:
                found.append((packet.sequence, None))
        return found

    def confirm(self, sequence: int) -> None:
        """Tell the centre that a text is safe with us."""
        self._write(Packet(pdu.DELIVER | pdu.RESPONSE, 0, sequence, b"\0"))

    def close(self) -> None:
        """Say goodbye, as far as anybody listens."""
        try:
            self._write(Packet(pdu.UNBIND, 0, self._next()))
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it is gone already
        finally:
            self._socket.close()

    # ------------------------------------------------------------------------------------------------------------ packets

    def _connected(self) -> socket.socket:
        made = socket.create_connection((self._account.host, self._account.port), timeout=self._account.timeout_seconds)
        if not self._account.tls:
            return made
        try:
            return ssl.create_default_context(cafile=self._account.ca_file).wrap_socket(made, server_hostname=self._account.host)
        except BaseException:
            made.close()
            raise

    def _next(self) -> int:
        self._sequence = self._sequence % 0x7FFFFFFE + 1
        return self._sequence

    def _ask(self, command: int, body: bytes) -> Packet:
        """Send a request and wait for its answer; what the centre asks meanwhile is answered or kept."""
        sequence = self._next()
        self._write(Packet(command, 0, sequence, body))
        deadline = time.monotonic() + self._account.timeout_seconds
        while (left := deadline - time.monotonic()) > 0:
            packet = self._read(left)
            if packet is None:
                continue
            if packet.command in (command | pdu.RESPONSE, pdu.GENERIC_NACK) and packet.sequence == sequence:
                if packet.status:
                    raise SmppError(packet.status)
                return packet
            self._answer(packet)
        raise TimeoutError(f"the SMS centre did not answer within {self._account.timeout_seconds:g} seconds")

    def _answer(self, packet: Packet) -> None:
        """Do what a packet of the centre asks for; texts are kept for whoever receives."""
        if packet.command == pdu.DELIVER:
            self._came.append(packet)
        elif packet.command == pdu.UNBIND:
            self._write(Packet(pdu.UNBIND | pdu.RESPONSE, 0, packet.sequence))
            raise ConnectionAbortedError("the SMS centre said goodbye")
        elif packet.command == pdu.ENQUIRE_LINK:
            self._write(Packet(pdu.ENQUIRE_LINK | pdu.RESPONSE, 0, packet.sequence))
        elif not packet.command & pdu.RESPONSE:
            self._write(Packet(pdu.GENERIC_NACK, 0x03, packet.sequence))  # a command that we do not know

    def _write(self, packet: Packet) -> None:
        self._socket.settimeout(self._account.timeout_seconds)
        self._socket.sendall(packet.encode())

    def _read(self, seconds: float) -> Packet | None:
        """Return the next packet; None where none is whole yet when the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            if (packet := self._whole()) is not None:
                self._heard = time.monotonic()
                return packet
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._socket.settimeout(left)
            try:
                came = self._socket.recv(65536)
            except TimeoutError:
                return None
            if not came:
                raise ConnectionAbortedError("the SMS centre closed the connection")
            self._buffer += came

    def _whole(self) -> Packet | None:
        if len(self._buffer) < pdu.HEAD.size:
            return None
        length, command, status, sequence = pdu.HEAD.unpack_from(self._buffer)
        if not pdu.HEAD.size <= length <= pdu.PACKET_BYTES_MAX:
            raise ConnectionAbortedError("this is no SMPP: a packet has an impossible length")
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[pdu.HEAD.size : length])
        del self._buffer[:length]
        return Packet(command, status, sequence, body)
