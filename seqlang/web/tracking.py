"""Openings, clicks and unsubscriptions: what the signed links of our mails lead to."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from seqlang.engine.telling_of import Heard, recipient_of
from seqlang.errors import StoreError
from seqlang.web.pages import page
from seqlang.web.recorder import log

if TYPE_CHECKING:
    from starlette.requests import Request

    from seqlang.dispatch.links import Links, Told
    from seqlang.web.machines import Machines
    from seqlang.web.recorder import Recorder

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
TOKEN_CHARS_MAX = 8_000


@dataclass(frozen=True, slots=True)
class Tracking:
    """The addresses of our mails."""

    links: Links | None  # None: the project has no secret, so no address was ever made
    recorder: Recorder
    machines: Machines
    name: str  # of the sender, for people

    def routes(self) -> list[Route]:
        """Return where it answers."""
        return [
            Route("/o/{token}.gif", self.opened, methods=["GET"]),
            Route("/c/{token}", self.clicked, methods=["GET"]),
            Route("/u/{token}", self.asked, methods=["GET"]),
            Route("/u/{token}", self.unsubscribed, methods=["POST"]),
        ]

    async def opened(self, request: Request) -> Response:
        """Answer with a picture of one pixel, whatever the address says: a broken one in a mail helps nobody."""
        told = self._told(request, "o")
        if told is not None:
            self._hear(request, told, "opened")
        return Response(PIXEL, media_type="image/gif")

    async def clicked(self, request: Request) -> Response:
        """Lead to the target that was signed, and nowhere else."""
        told = self._told(request, "c")
        if told is None:
            return self._wrong(request)
        self._hear(request, told, "clicked", told.target)
        return RedirectResponse(told.target, 302)

    async def asked(self, request: Request) -> Response:
        """Show a button: scanners follow links, and must not unsubscribe anybody."""
        told = self._told(request, "u")
        if told is None:
            return self._wrong(request)
        language = request.headers.get("accept-language")
        if not told.ledger_id:
            return page("test", language, name=self.name)
        return page("title", language, name=self.name, address=await self._address(told), button=True)

    async def unsubscribed(self, request: Request) -> Response:
        """Unsubscribe: by the button, or by a mail program in one click (RFC 8058). It is written before it is said."""
        told = self._told(request, "u")
        if told is None:
            return self._wrong(request)
        language = request.headers.get("accept-language")
        if not told.ledger_id:
            return page("test", language, name=self.name)
        heard = Heard(self.recorder.clock.now(), "unsubscribed", told.ledger_id, told.contact_id)
        try:
            await run_in_threadpool(self.recorder.hear_now, heard)
        except StoreError as broken:
            log.error("an unsubscription could not be written: %s", broken.message)
            return page("broken", language, name=self.name, status=503)
        return page("done", language, name=self.name, address=await self._address(told))

    def _told(self, request: Request, kind: str) -> Told | None:
        token = request.path_params["token"]
        return self.links.read(kind, token) if self.links is not None and len(token) <= TOKEN_CHARS_MAX else None

    def _wrong(self, request: Request) -> Response:
        return page("wrong", request.headers.get("accept-language"), name=self.name, status=404)

    def _hear(self, request: Request, told: Told, kind: Literal["opened", "clicked"], url: str | None = None) -> None:
        if not told.ledger_id:  # a test message counts as nothing
            return
        caller = request.client.host if request.client is not None else None
        verdict = self.machines.judge(request.method, request.headers, caller)
        before: timedelta = verdict.before
        self.recorder.hear(
            Heard(self.recorder.clock.now(), kind, told.ledger_id, told.contact_id, url, verdict.machine, before)
        )

    async def _address(self, told: Told) -> str | None:
        def find() -> Any:
            with self.recorder.store.read() as conn:
                return recipient_of(conn, self.recorder.store, told.ledger_id, told.contact_id)

        try:
            found: str | None = await run_in_threadpool(find)
        except StoreError:
            return None
        return found
