"""A real SMTP server on the loopback, whose answers a test decides."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass
class Box:
    """What the server got, and what it says."""

    raw: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)  # address: answer to RCPT
    senders: dict[str, str] = field(default_factory=dict)  # address: answer to MAIL
    after_data: list[str] = field(default_factory=list)  # answers to the next messages; "drop": hang up
    sessions: int = 0
    pipelining: bool = False  # whether it says that it takes several commands at once
    chunking: bool = False  # … and messages in chunks
    chunks: int = 0  # that it got
    servers: list[SMTP] = field(default_factory=list)  # one a session

    def hang_up(self) -> None:
        """Close the newest connection, as servers do with one that was idle for long."""
        server, gone = self.servers[-1], threading.Event()

        def close() -> None:
            transport: Any = server.transport
            transport.close()
            server.loop.call_soon(gone.set)

        server.loop.call_soon_threadsafe(close)
        assert gone.wait(10)

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    def reached(self) -> list[str]:
        return [address for _, addresses in self.envelopes for address in addresses]


class Handler:
    def __init__(self, box: Box) -> None:
        self.box = box

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:  # noqa: N802
        self.box.sessions += 1
        self.box.servers.append(server)
        session.host_name = hostname
        said = {"250-PIPELINING": self.box.pipelining, "250-CHUNKING": self.box.chunking}
        return [*responses[:-1], *(word for word, is_said in said.items() if is_said), responses[-1]]

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if address in self.box.senders:
            return self.box.senders[address]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if address in self.box.recipients:
            return self.box.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.box.after_data.pop(0) if self.box.after_data else "250 2.0.0 taken"
        if answer == "drop":
            transport: Any = server.transport
            transport.abort()
            return "250 never heard"
        if answer.startswith("2"):
            self.box.raw.append(envelope.content)
            self.box.envelopes.append((envelope.mail_from, tuple(envelope.rcpt_tos)))
        return answer


class ChunkingSMTP(SMTP):
    """One that takes messages in chunks (RFC 3030)."""

    async def smtp_BDAT(self, arg: str) -> None:  # noqa: N802
        """Take the chunk, whatever becomes of it, before it is answered."""
        size, last = arg.split()
        reader: Any = self._reader
        envelope: Any = self.envelope
        content = await reader.readexactly(int(size))
        handler: Any = self.event_handler
        handler.box.chunks += 1
        assert last.upper() == "LAST"
        if not envelope.rcpt_tos:
            await self.push("554 5.5.1 no valid recipients")
            return
        envelope.content = content
        answer = await handler.handle_DATA(self, self.session, envelope)
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(answer)


@contextmanager
def running(
    box: Box, *, tls: ssl.SSLContext | None = None, implicit: bool = False, users: dict[str, str] | None = None,
    server: type[SMTP] = ChunkingSMTP,
) -> Iterator[int]:
    """Run the server and give its port. `tls` alone: STARTTLS; with `implicit`: from the first byte."""

    def check(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (users or {}).get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False)

    def factory() -> SMTP:
        return server(
            Handler(box),
            enable_SMTPUTF8=True,
            tls_context=None if implicit else tls,
            authenticator=check if users else None,
            auth_required=bool(users),
            auth_require_tls=tls is not None and not implicit,
        )

    class Server(Controller):
        def factory(self) -> SMTP:
            return factory()

    controller = Server(Handler(box), hostname="127.0.0.1", port=free_port(), ssl_context=tls if implicit else None)
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()


@pytest.fixture
def box() -> Box:
    """What a server got that takes everything."""
    return Box()


@pytest.fixture
def port(box: Box) -> Iterator[int]:
    """The port of a server that fills `box`."""
    with running(box) as port:
        yield port


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
