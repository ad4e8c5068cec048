"""An SMS centre on the loopback: another implementation of SMPP (smpp34's server), driven from a test's own thread."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

WAIT_SECONDS = 10.0


@dataclass
class Centre:
    """What it was given, and what it shall say."""

    port: int
    loop: asyncio.AbstractEventLoop
    texts: list[Any] = field(default_factory=list)  # SubmitSmEvent
    sessions: list[Any] = field(default_factory=list)  # Esme
    refusals: list[int] = field(default_factory=list)  # the status of the next answers; then it accepts
    name: str = "id"

    @property
    def url(self) -> str:
        return f"smpp://acme@127.0.0.1:{self.port}"

    def listener(self) -> Any:
        """Return the session that is bound to receive, once there is one."""
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            for session in reversed(self.sessions):
                if session.can_receive:
                    return session
            threading.Event().wait(0.01)
        raise AssertionError("nobody is bound as a receiver")

    def say(self, source: str, content: bytes, **more: Any) -> None:
        """Give a text or a receipt to whoever listens."""
        there = self.listener()

        async def give() -> Any:
            return await there.deliver_sm("4915000", content, source_addr=source, **more)

        asyncio.run_coroutine_threadsafe(give(), self.loop)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sms_centre() -> Iterator[Centre]:
    """Run a centre that accepts every account."""
    import smpp34

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    centre = Centre(free_port(), loop)

    async def start() -> Any:
        server = smpp34.Server("127.0.0.1", centre.port, system_id="centre")
        await server.start()
        return server

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(WAIT_SECONDS)

    async def serve() -> None:
        while True:
            came = await server.next()
            if isinstance(came, smpp34.Esme):
                centre.sessions.append(came)
            elif isinstance(came, smpp34.SubmitSmEvent):
                centre.texts.append(came)
                if centre.refusals and (status := centre.refusals.pop(0)):
                    came.reject(status)
                else:
                    came.accept(f"{centre.name}{len(centre.texts)}")

    async def end() -> None:
        await server.stop()

    serving = asyncio.run_coroutine_threadsafe(serve(), loop)
    try:
        yield centre
    finally:
        serving.cancel()
        asyncio.run_coroutine_threadsafe(end(), loop).result(WAIT_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_SECONDS)
