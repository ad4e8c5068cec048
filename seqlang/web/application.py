"""The application: its addresses in one place, and what they share; the dashboard and the API come to the same one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from seqlang.errors import ProjectError
from seqlang.host import load
from seqlang.sdk.mailbox import Secret, SecretError
from seqlang.web.guard import HEADERS, Guard
from seqlang.web.hooks import Hooks, Known
from seqlang.web.machines import machines_of
from seqlang.web.recorder import Recorder, log
from seqlang.web.tracking import Tracking

if TYPE_CHECKING:
    from starlette.requests import Request

    from seqlang.clock import Clock
    from seqlang.dispatch.links import Links
    from seqlang.store.database import Store
    from seqlang.vocabulary.settings import ProjectSettings, WebSettings


def make_application(
    store: Store, settings: ProjectSettings, links: Links | None, clock: Clock, *, further: Sequence[BaseRoute] = ()
) -> Starlette:
    """Return the application on that store, which stays open for as long as it runs.

    `links` read the addresses that were signed; None: none ever was, and none is valid. `further`: addresses of other rooms.
    ProjectError: a secret that the settings name cannot be had.
    """
    web = settings.web
    recorder = Recorder(store, clock)
    tracking = Tracking(links, recorder, machines_of(web.machines), web.name or settings.name)
    routes: list[BaseRoute] = [
        *tracking.routes(),
        *Hooks(_known_hooks(web), cache(lambda: load(settings)), store, clock).routes(),
        Route("/healthz", _healthy, methods=["GET"]),
        Route("/robots.txt", _robots, methods=["GET"]),
        *further,
    ]
    prefix = urlsplit(web.url or "").path.rstrip("/")
    if prefix:  # whether or not the proxy before us takes it away
        routes.append(Mount(prefix, routes=list(routes)))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        recorder.start()
        try:
            yield
        finally:
            recorder.close()

    return Starlette(
        routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _refused, Exception: _failed},
        middleware=[Middleware(Guard, encrypted=(web.url or "").startswith("https://"))],
    )


def _known_hooks(web: WebSettings) -> dict[str, Known]:
    known = {}
    for name, hook in web.hooks.items():
        try:
            known[name] = Known(hook, Secret(hook.secret.env, hook.secret.file, hook.secret.command).fetch())
        except SecretError as error:
            raise ProjectError(f"the secret of the hook `{name}` cannot be had: {error}") from None
    return known


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _robots(_request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{error.detail.lower()}\n", error.status_code, dict(error.headers or {}))


async def _failed(request: Request, error: Exception) -> Response:
    # The path of a request may hold a signed link, which is as good as a key: the log names the address without it.
    log.error("a request to /%s failed", request.url.path.lstrip("/").partition("/")[0], exc_info=error)
    # Failures are answered outside of what adds the headers to all other answers.
    return PlainTextResponse("that did not work\n", 500, {name.decode(): value.decode() for name, value in HEADERS})
