"""Runs the application until somebody stops it: requests in hand are finished, and what was heard is written."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seqlang.errors import UsageError
from seqlang.sdk.redaction import Redacting

if TYPE_CHECKING:
    import uvicorn

    from seqlang.app.workspace import Workspace

GRACE_SECONDS = 10
CONNECTIONS_MAX = 2_000


def serve(
    workspace: Workspace, note: Callable[[str], None], *, host: str | None = None, port: int | None = None,
) -> None:
    """Serve the project's application until SIGTERM or SIGINT. `port` 0: any that is free; `note` is told the address.

    ProjectError: a secret cannot be had; UsageError: the web extra is missing, or the port is taken.
    """
    try:
        import uvicorn
    except ImportError:
        raise UsageError("the web application needs a part that is not installed", hint="pip install 'seqlang[web]'") from None
    from seqlang.app.opening import opened
    from seqlang.clock import SystemClock
    from seqlang.dispatch.links import reading_links
    from seqlang.web.application import make_application
    from seqlang.web.calendars import calendar_routes

    web = workspace.settings.web
    if web.url is None:
        note("warning: `[web]` has no `url`: mails have no tracking links and no page to unsubscribe (`seqlang.toml`)")
    with opened(workspace) as store, _log():
        clock, links = SystemClock(), reading_links(web)
        further = calendar_routes(workspace, links, clock) if links is not None else []
        application = make_application(store, workspace.settings, links, clock, further=further)
        config = uvicorn.Config(
            application, host=host or web.host, port=web.port if port is None else port, log_config=None, access_log=False,
            server_header=False, proxy_headers=True, forwarded_allow_ips=list(web.behind), lifespan="on",
            timeout_graceful_shutdown=GRACE_SECONDS, limit_concurrency=CONNECTIONS_MAX, timeout_keep_alive=15,
        )
        _run(config, note)


def _run(config: uvicorn.Config, note: Callable[[str], None]) -> None:
    import uvicorn

    listening = _bound(config)
    address = listening.getsockname()
    shown = f"[{address[0]}]" if ":" in address[0] else address[0]

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Let signals end the serving, and not the process: it has things to write and to close."""
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._asked)
            yield

        def _asked(self) -> None:
            self.force_exit = self.should_exit  # the second time nobody is waited for
            self.should_exit = True

    server = Server(config)

    async def told() -> None:
        note(f"listening on http://{shown}:{address[1]}; Ctrl-C or SIGTERM stops it")
        await server.serve(sockets=[listening])

    try:
        asyncio.run(told())
    finally:
        listening.close()


def _bound(config: uvicorn.Config) -> Any:
    import socket

    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.host, config.port))
        listening.listen(config.backlog)  # who is told the address may call at once
    except OSError as broken:
        listening.close()
        raise UsageError(f"cannot listen on {config.host}:{config.port}: {(broken.strerror or str(broken)).lower()}",
                         hint="`--port 0` takes any that is free") from None
    listening.set_inheritable(True)
    return listening


@contextlib.contextmanager
def _log() -> Iterator[None]:
    """Write warnings of ours and of the server to stderr, without secrets, while it serves."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    handler.addFilter(Redacting())
    loggers = [logging.getLogger(name) for name in ("seqlang", "uvicorn")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
