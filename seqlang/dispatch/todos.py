"""Makes to-dos and drafts: rendered into rows, without any network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from seqlang.clock import to_micros
from seqlang.dispatch import claim as claims
from seqlang.dispatch import settle
from seqlang.dispatch.compose import Desk, base_data, channel_of, owner_of, rendered_options, subject_of
from seqlang.dispatch.drafts import draft_text, draft_title
from seqlang.dispatch.prepare import gather
from seqlang.dispatch.records import Counts, Effect
from seqlang.dispatch.render import RenderError
from seqlang.dispatch.threads import Before
from seqlang.sdk.messages import Person
from seqlang.store.tables import ledger, todo

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.dispatch.steps import Shelf
    from seqlang.store.database import Store

BATCH_MAX = 200


def make_todos(store: Store, shelf: Shelf, desk: Desk, now: datetime, most: int | None, counts: Counts) -> None:
    """Make all to-dos and drafts that are planned, up to `most`; a batch is one transaction."""
    left = most
    while left is None or left > 0:
        with store.begin() as conn:
            sources = [s for s in claims.find_sources(conn, now, todos=True) if _known(conn, shelf, desk, s, counts)]
            if not sources:
                return
            size = BATCH_MAX if left is None else min(BATCH_MAX, left)
            claimed = claims.claim(conn, store, shelf, [s.node_id for s in sources], now, size, todos=True)
            if not claimed.count:
                return
            left = None if left is None else left - claimed.count
            settle.fail_lost(conn, claimed.lost, now, counts)
            settle.cancel(conn, [e for e in claimed.effects if e.held is not None], counts)
            going = [e for e in claimed.effects if e.held is None]
            ready, before, _ = gather(conn, shelf, desk, going)
            _make(conn, ready, going, before, now, counts)


def _known(conn: Connection, shelf: Shelf, desk: Desk, source: claims.Source, counts: Counts) -> bool:
    """Tell whether a plugin brings the step's channel; what one does not bring waits until it does."""
    of = claims.known_step(shelf, conn, source)
    if of is None or of.step.channel in desk.channels:
        return True
    counts.problems.append(f"there is no plugin that brings the channel `{of.step.channel}`")
    return False


def _make(
    conn: Connection, desk: Desk, effects: list[Effect], before: Mapping[int, Before], now: datetime, counts: Counts
) -> None:
    rows: list[dict[str, Any]] = []
    for effect in effects:
        try:
            rows.append(todo_row(desk, effect, before.get(effect.id), now))
        except RenderError as error:
            settle.fail(conn, effect, "render", error.message, now, counts)
    if not rows:
        return
    conn.execute(insert(todo), rows)
    made = {row["ledger_id"] for row in rows}
    pairs = [(e.id, e.fence) for e in effects if e.id in made]
    conn.execute(update(ledger).where(claims.mine(pairs)).values(state="accepted", **settle.CLOSED))
    counts.todos += len(rows)


def todo_row(desk: Desk, effect: Effect, before: Before | None, now: datetime) -> dict[str, Any]:
    """Return the row of a to-do or draft. RenderError: it cannot be made."""
    step = effect.of.step
    data = base_data(desk, effect, now)
    own = owner_of(desk, effect.of) or Person("")
    data["sender"] = {"email": own.email, "first_name": own.first_name, "last_name": own.last_name, "name": own.name}
    data["unsubscribe_url"] = ""
    options = rendered_options(desk, effect, data)
    draft = step.draft
    spec = channel_of(desk, effect.of)
    row = {
        "ledger_id": effect.id, "kind": "email_reminder" if draft else spec.word, "subject": None, "body": None,
        "assignee": str(options.get("assignee") or effect.of.owner or "") or None, "state": "open", "created_at": to_micros(now),
        "outcomes": json.dumps([] if draft else list(step.outcomes), ensure_ascii=False), "due_at": effect.todo_due_at,
    }
    if draft:
        row["subject"] = subject_of(options, before)
        row["body"] = draft_text(options)
        row["title"] = draft_title(str(row["subject"]))
        return row
    whom = _name(data) or effect.address or ""
    row["title"] = str(options.get("title") or f"{spec.word.replace('_', ' ').capitalize()} {whom}".strip())
    row["body"] = next((str(options[name]) for name in ("script", "notes", "text") if options.get(name)), None)
    return row


def _name(data: Mapping[str, Any]) -> str:
    """Return whom a to-do is about, as far as the step's placeholders tell; lists show the contact beside it anyway."""
    contact = data.get("contact") or {}
    return " ".join(str(contact[name]) for name in ("first_name", "last_name") if contact.get(name))
