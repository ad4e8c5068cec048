"""The life of flows: `stop` freezes, `start` goes on as after an outage, `archive` ends all enrolments (COMMANDS)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.oracle.leaving import leave
from tests.oracle.world import World


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does to a flow by hand, between two ticks."""

    at: datetime
    what: str  # stop, start, archive
    flow: str


def do(world: World, deed: Deed) -> None:
    """Do it, unless it is refused: an outbound sequence cannot be stopped, and only what is stopped can go on."""
    flow = world.flow(deed.flow)
    assert flow is not None
    world.now = world.tick_at = deed.at
    state = world.states.get(flow.name, "active")
    match deed.what:
        case "stop" if state == "active" and flow.kind != "outbound":
            world.states[flow.name] = "stopped"
        case "start" if state == "stopped":
            del world.states[flow.name]
        case "archive" if state != "archived":
            for stay in world.stays_in(flow):
                leave(world, stay, "archived")
            world.requests = [request for request in world.requests if request[0] != flow.name]
            world.states[flow.name] = "archived"
        case _:
            pass
