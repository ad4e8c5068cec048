"""To-dos as a calendar at a signed address, which a calendar program reads again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from seqlang.app.todo_calendar import CONTENT_TYPE, ics_feed
from seqlang.app.todos import Filter

if TYPE_CHECKING:
    from starlette.requests import Request

    from seqlang.app.workspace import Workspace
    from seqlang.clock import Clock
    from seqlang.dispatch.links import Links


def calendar_routes(workspace: Workspace, links: Links, clock: Clock) -> list[BaseRoute]:
    """Return the address of the calendars; the to-dos are read anew at each request."""

    def calendar(request: Request) -> Response:  # no coroutine: it reads the database, and runs beside the others
        whose = links.read_calendar(request.path_params["token"])
        if whose is None:
            raise HTTPException(404)
        return Response(ics_feed(workspace, clock.now(), Filter(owner=whose[0])), media_type=CONTENT_TYPE)

    return [Route("/t/{token}", calendar, methods=["GET"])]


__all__ = ["calendar_routes"]
