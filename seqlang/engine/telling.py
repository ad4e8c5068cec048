"""Recording what happened: events as people, mailboxes and files tell them, in the kinds and values of `events.csv`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from seqlang.clock import to_micros
from seqlang.engine.telling_subjects import Books, Subject
from seqlang.engine.telling_told import KINDS, Told
from seqlang.sdk.texts import is_stop
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from seqlang.store.database import Store

CHUNK_ROWS = 5_000
ABOUT_MESSAGES = frozenset({"opened", "clicked", "replied", "bounced"})
OUT_OF_OFFICE = "out of office"


@dataclass(frozen=True, slots=True)
class Problem:
    """One of several events that could not be recorded, or only in part."""

    index: int  # its place among those that were told, from 0
    message: str  # in plain words


def subject_of(text: str) -> tuple[str | None, str]:
    """Return the record type and the key of a `contact` cell of `events.csv`; the type is None where both may be meant."""
    text = text.strip()
    if text.startswith("deal:"):
        return "deal", text.removeprefix("deal:").strip()
    return ("contact" if "@" in text else None), text


def tell(conn: Connection, store: Store, told: Told, *, recorded_at: datetime) -> str | None:
    """Record one event; return in plain words what stands in its way, or None. The next tick takes it in.

    Told twice by the same `external_id`, it is recorded once. Runs in the caller's transaction.
    """
    problems = tell_all(conn, store, (told,), recorded_at=recorded_at)
    return problems[0].message if problems else None


def tell_all(conn: Connection, store: Store, events: Iterable[Told], *, recorded_at: datetime) -> list[Problem]:
    """Record many events, in their order; return those that could not be recorded. Good ones stay."""
    problems: list[Problem] = []
    books = Books(conn, store)
    first = 0
    for chunk in _chunks(events):
        known = _known_ids(conn, chunk)
        books.open(chunk)
        rows: list[dict[str, Any]] = []
        for index, told in enumerate(chunk, first):
            if told.external_id is not None and told.external_id in known:
                continue
            row, problem = _record(books, told, recorded_at)
            if problem is not None:
                problems.append(Problem(index, problem))
            if row is not None:
                rows.append({**row, "external_id": told.external_id})
                if told.external_id is not None:
                    known.add(told.external_id)
        if rows:
            store.sql.write_rows(conn, tables.event, list(rows[0]), (list(row.values()) for row in rows))
        first += len(chunk)
    return problems


def _chunks(events: Iterable[Told]) -> Iterator[Sequence[Told]]:
    chunk: list[Told] = []
    for told in events:
        chunk.append(told)
        if len(chunk) == CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _known_ids(conn: Connection, chunk: Sequence[Told]) -> set[str]:
    named = [t.external_id for t in chunk if t.external_id is not None]
    if not named:
        return set()
    return set(conn.execute(select(tables.event.c.external_id).where(tables.event.c.external_id.in_(named))).scalars())


def _record(books: Books, told: Told, recorded_at: datetime) -> tuple[dict[str, Any] | None, str | None]:
    """Return the event's row, and what is wrong; a row beside a problem is recorded all the same."""
    if told.kind not in KINDS:
        return None, f"there is no kind of event `{told.kind}`; the kinds are {', '.join(f'`{k}`' for k in KINDS)}"
    if told.at > recorded_at:
        return None, f"an event from the future is refused: {told.at.isoformat()} is after {recorded_at.isoformat()}"
    subject = books.subject(told.record, told.key)
    if subject is None:
        return None, f"there is no {_what(told.record)} `{told.key}`"
    if told.sequence and books.flow(told.sequence) is None:
        return None, f"there is no sequence `{told.sequence}`{books.nearest_flow(told.sequence)}"
    row: dict[str, Any] = {
        "at": to_micros(told.at),
        "recorded_at": to_micros(recorded_at),
        "kind": told.kind,
        "record": subject.record,
        "record_id": subject.id,
        "contact_id": subject.contact_id,
        "flow_id": None,
        "enrolment_id": None,
        "node_id": None,
        "ledger_id": None,
        "name": None,
        "value": None,
        "properties": None,
        "machine": False,
        "soft": False,
        "out_of_office": False,
    }
    if told.kind in ABOUT_MESSAGES or told.kind in {"completed", "unsubscribed"}:
        return _about_step(books, told, subject, row)
    return _about_record(books, told, subject, row)


def _what(record: str | None) -> str:
    return record or "contact or account"


# ----------------------------------------------------------------------------------- messages and to-dos


def _about_step(books: Books, told: Told, subject: Subject, row: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    manual = told.kind == "completed"
    found = books.effect(subject, told, row["at"], manual=manual)
    if found is None:
        problem = f"{_named(told)} was never {'given to anybody' if manual else 'sent'} {'for' if manual else 'to'} `{told.key}`"
        if told.kind == "unsubscribed":  # of the contact, whatever message it came from
            return row, problem if told.step else None
        return None, problem
    if manual and found.reported:
        return None, None  # an outcome reported twice changes nothing
    row.update(flow_id=found.flow_id, enrolment_id=found.enrolment_id, node_id=found.node_id, ledger_id=found.ledger_id)
    value = (told.value or "").strip()
    if told.kind == "clicked":
        row.update(machine=value == "machine", name=None if value in {"", "machine"} else value)
    elif told.kind == "opened":
        row["machine"] = value == "machine"
    elif told.kind == "bounced":
        # A hard bounce closes the address that the message went to, not the person.
        row.update(soft=value == "soft", value=books.address(found, subject))
    elif told.kind == "replied":
        return _reply(row, value)
    elif told.kind == "completed":
        _complete(books, row, found.ledger_id, found.node_id, value)
    return row, None


def _reply(row: dict[str, Any], value: str) -> tuple[dict[str, Any] | None, str | None]:
    if not value.lower().startswith(OUT_OF_OFFICE):
        return {**row, "value": "STOP" if is_stop(value) else None}, None
    day = value[len(OUT_OF_OFFICE) :].strip().removeprefix("until").strip()
    if not day:
        return {**row, "out_of_office": True}, None
    try:
        date.fromisoformat(day)
    except ValueError:
        return None, f"`{day}` is no date; an out-of-office note is `out of office` or `out of office 2026-03-10`"
    return {**row, "out_of_office": True, "value": day}, None


def _complete(books: Books, row: dict[str, Any], ledger_id: int, node_id: int | None, value: str) -> None:
    line = books.line(ledger_id)
    books.report(ledger_id)
    if line.effect == "draft":
        row["kind"] = "released"
        return
    step = books.step(line.flow_id, node_id)
    outcomes = step.outcomes if step is not None else ()
    # `value` keeps what `last_activity_type` becomes, so that taking it in needs no plan.
    row["name"] = value or (outcomes[0] if outcomes else "Done")
    row["value"] = step.activity if step is not None else None


def _named(told: Told) -> str:
    if told.sequence and told.step:
        return f"the step `{told.step}` of `{told.sequence}`"
    if told.step:
        return f"the step `{told.step}`"
    what = "to-do" if told.kind == "completed" else "message"
    return f"a {what} of `{told.sequence}`" if told.sequence else f"a {what}"


# ----------------------------------------------------------------------------------------------- records


def _about_record(books: Books, told: Told, subject: Subject, row: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    value = (told.value or "").strip()
    if told.kind == "event":
        return _custom(row, value)
    if told.kind == "changed":
        name, sign, text = value.partition("=")
        if not sign:
            return None, f"`{value}` is no change; it is written `field=new value`"
        stored, problem = books.value(subject.record, name.strip(), text.strip())
        return ({**row, "name": name.strip().strip("`"), "value": stored}, None) if problem is None else (None, problem)
    if told.kind in {"enrolled", "unenrolled"}:
        flow = books.flow(told.sequence) if told.sequence else None
        if flow is None:
            return None, f"`{told.kind}` needs the name of a sequence"
        problem = books.misfit(flow, subject)
        return (None, problem) if problem else ({**row, "flow_id": flow.id}, None)
    if not value:
        return None, f"`{told.kind}` needs a value"
    return {**row, "value" if told.kind == "activity" else "name": value}, None


def _custom(row: dict[str, Any], value: str) -> tuple[dict[str, Any] | None, str | None]:
    name, brace, rest = value.partition(" {")
    if not name:
        return None, "`event` needs the event's name"
    if not brace:
        return {**row, "name": value}, None
    try:
        properties = json.loads("{" + rest)
    except ValueError:
        return None, f"`{{{rest}` is no JSON object; an event is its name, then its properties as one"
    return {**row, "name": name.strip(), "properties": json.dumps(properties, ensure_ascii=False)}, None


__all__ = ["KINDS", "Problem", "Told", "subject_of", "tell", "tell_all"]
