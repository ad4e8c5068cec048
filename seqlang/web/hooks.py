"""What providers tell us: `POST /hooks/NAME`, signed, as JSON; each event is recorded once, good ones beside bad ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seqlang.engine.telling import subject_of, tell_all
from seqlang.engine.telling_of import step_of
from seqlang.engine.telling_told import Told
from seqlang.errors import PluginError, StoreError
from seqlang.vocabulary.settings import HookSettings
from seqlang.web.reading_hooks import HookError, Said, read_call, read_event
from seqlang.web.recorder import log
from seqlang.web.signatures import is_genuine

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection
    from starlette.requests import Request

    from seqlang.clock import Clock
    from seqlang.host import Host
    from seqlang.store.database import Store

BODY_BYTES_MAX = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Known:
    """A provider whom we listen to."""

    settings: HookSettings
    secret: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """The addresses that providers call."""

    known: Mapping[str, Known]
    host: Callable[[], Host]  # asked for where a plugin reads the calls
    store: Store
    clock: Clock

    def routes(self) -> list[Route]:
        """Return where it answers."""
        return [Route("/hooks/{name}", self.called, methods=["POST"])]

    async def called(self, request: Request) -> Response:
        """Take a call in: 404 unknown, 413 too large, 401 not genuine, 400 no JSON, 503 the database is away, else 200."""
        name = request.path_params["name"]
        known = self.known.get(name)
        if known is None:
            return _answer(404, "there is no such hook")
        body = await _body(request)
        if body is None:
            return _answer(413, f"a call has at most {BODY_BYTES_MAX} bytes")
        now = self.clock.now()
        try:
            items = await run_in_threadpool(self._read, name, known, request.headers, body, now)
        except (HookError, PluginError) as wrong:
            return _answer(400, str(wrong))
        if items is None:
            log.warning("a call of the hook %s was not genuine", name)
            return _answer(401, "the signature is not right")
        call = request.headers.get("webhook-id")
        try:
            recorded, problems = await run_in_threadpool(self._record, name, call, items, now)
        except StoreError as broken:
            log.error("a call of the hook %s could not be recorded: %s", name, broken.message)
            return _answer(503, "try again later")
        for problem in problems[:10]:
            log.warning("hook %s: event %d: %s", name, problem["index"], problem["message"])
        return JSONResponse({"recorded": recorded, "problems": problems})

    def _read(self, name: str, known: Known, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Any] | None:
        """Return the events of a call; None where it is not genuine."""
        if known.settings.plugin is not None:
            return self.host().read_call(known.settings.plugin, name, known.secret, dict(headers), body)
        return read_call(body) if is_genuine(known.settings, known.secret, headers, body, now) else None

    def _record(self, name: str, call: str | None, items: Sequence[Any], now: datetime) -> tuple[int, list[dict[str, Any]]]:
        problems: list[dict[str, Any]] = []
        told: list[Told] = []
        places: list[int] = []
        with self.store.begin() as conn:
            for place, item in enumerate(items):
                try:
                    said = read_event(item, name, call, place, now)
                    if said is not None:
                        told.append(_told(conn, self.store, said))
                        places.append(place)
                except HookError as wrong:
                    problems.append({"index": place, "message": str(wrong)})
            refused = tell_all(conn, self.store, told, recorded_at=now)
        problems += [{"index": places[p.index], "message": p.message} for p in refused]
        return len(told) - len(refused), sorted(problems, key=lambda p: int(p["index"]))


def _told(conn: Connection, store: Store, said: Said) -> Told:
    """Return the event in the words of events.csv; a message is told by its step and the contact that it went to."""
    who, sequence, step = said.who, said.sequence, said.step
    if said.message_id is not None:
        found = step_of(conn, store, said.message_id)
        if found is None and who is None:
            raise HookError(f"there is no message `{said.message_id}`")
        if found is not None:
            who, sequence, step = found.contact, found.flow, found.step
    record, key = subject_of(who or "")
    return Told(said.at, record, key, said.kind, sequence, step, said.value, said.external_id)


def _answer(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)


async def _body(request: Request) -> bytes | None:
    """Read the body; None where it is too large, without reading on."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_BYTES_MAX:
            return None
        parts.append(part)
    return b"".join(parts)
