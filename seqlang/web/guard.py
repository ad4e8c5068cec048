"""Headers that every answer bears: nothing is kept, nothing is framed, nobody is told where a reader came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = (
    (b"cache-control", b"no-store, max-age=0"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), interest-cohort=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
FOR_YEARS = (b"strict-transport-security", b"max-age=31536000")


class Guard:
    """Adds those headers that an answer does not have yet."""

    def __init__(self, app: ASGIApp, *, encrypted: bool) -> None:
        self._app = app
        self._headers = (*HEADERS, FOR_YEARS) if encrypted else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                have: list[Any] = list(message["headers"])
                names = {name.lower() for name, _ in have}
                message = {**message, "headers": [*have, *((n, v) for n, v in self._headers if n not in names)]}
            await send(message)

        await self._app(scope, receive, guarded)
