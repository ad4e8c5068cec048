"""From claimed effects to messages that are ready to go: read in one statement where they belong together; each fails alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from seqlang.dispatch.compose import Desk, NoMailboxError, compose
from seqlang.dispatch.drafts import Draft
from seqlang.dispatch.render import RenderError
from seqlang.dispatch.threads import Before, find_threads
from seqlang.errors import NotFoundError
from seqlang.plan import conditions as c
from seqlang.store.tables import ledger, todo

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.dispatch.records import Effect, Prepared, StepOfFlow
    from seqlang.dispatch.steps import Shelf

THREAD_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ready:
    """What became of a claim."""

    prepared: tuple[Prepared, ...]
    failed: tuple[tuple[Effect, str], ...]  # with the reason
    waiting: tuple[Effect, ...]  # the message that they answer is still under way
    boxless: tuple[tuple[Effect, str], ...]  # there is no mailbox for them


def gather(
    conn: Connection, shelf: Shelf, desk: Desk, effects: Sequence[Effect]
) -> tuple[Desk, dict[int, Before], frozenset[int]]:
    """Read what these effects need beside their own values: contents, threads, drafts."""
    contents = dict(desk.contents)
    before: dict[int, Before] = {}
    waiting: set[int] = set()
    for group in by_step(effects):
        for sha256 in contents_of(group[0].of):
            try:
                contents[sha256] = shelf.content(conn, sha256)
            except NotFoundError:
                continue  # said for each message when it is rendered
        threads = find_threads(conn, group[0].of, group)
        before.update(threads.before)
        waiting |= threads.waiting
    return replace(desk, contents=contents, drafts=released_drafts(conn, effects)), before, frozenset(waiting)


def by_step(effects: Iterable[Effect]) -> list[list[Effect]]:
    """Return the effects of each step together."""
    groups: dict[int, list[Effect]] = {}
    for effect in effects:
        groups.setdefault(id(effect.of), []).append(effect)
    return list(groups.values())


def contents_of(of: StepOfFlow) -> set[str]:
    """Return the hashes of all files that the step may use."""
    found: set[str] = set()
    waiting: list[c.PlanValue] = [value for _, value in of.step.options]
    while waiting:
        value = waiting.pop()
        match value:
            case c.Content():
                found.add(value.sha256)
            case c.ListValue():
                waiting += value.items
            case c.ObjectValue():
                waiting += [inner for _, inner in value.items]
            case c.Choose():
                waiting += [arm.value for arm in value.cases]
            case _:
                continue
    return found


def released_drafts(conn: Connection, effects: Iterable[Effect]) -> dict[int, Draft]:
    """Return what people made of the drafts whose messages these are."""
    mine = {(e.enrolment_id, e.of.node_id): e.id for e in effects if e.released}
    if not mine:
        return {}
    query = (
        select(ledger.c.enrolment_id, ledger.c.node_id, todo.c.subject, todo.c.body)
        .join(todo, todo.c.ledger_id == ledger.c.id)
        .where(ledger.c.effect == "draft", ledger.c.enrolment_id.in_([enrolment for enrolment, _ in mine]))
    )
    return {mine[row.enrolment_id, row.node_id]: Draft(row.subject or "", row.body or "") for row in conn.execute(query)
            if (row.enrolment_id, row.node_id) in mine}


def prepare(desk: Desk, effects: Sequence[Effect], before: dict[int, Before], waiting: frozenset[int], now: datetime) -> Ready:
    """Make the messages of those that may go; nothing here asks the database."""
    prepared: list[Prepared] = []
    failed: list[tuple[Effect, str]] = []
    boxless: list[tuple[Effect, str]] = []
    for effect in effects:
        if effect.held is not None or effect.id in waiting:
            continue
        try:
            prepared.append(compose(desk, effect, before.get(effect.id), now))
        except RenderError as error:
            failed.append((effect, error.message))
        except NoMailboxError as error:
            boxless.append((effect, str(error)))
    late = tuple(e for e in effects if e.id in waiting and e.held is None)
    return Ready(tuple(prepared), tuple(failed), late, tuple(boxless))
