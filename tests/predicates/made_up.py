"""Made-up conditions, right in their types, for each kind of record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from seqlang.plan import conditions as c
from tests.predicates import worlds as w

OPS = ("=", "<", "<=", ">", ">=")
COUNT_OPS = ("=", "!=", "<", "<=", ">", ">=")


@st.composite
def refs(draw: st.DrawFn, record: str, kinds: tuple[str, ...]) -> c.FieldRef:
    """A field of one of those types, behind up to two links."""
    if record.startswith("event:"):
        fitting = [n for n, k in w.PROPERTIES.items() if k in kinds]
        name = draw(st.sampled_from(fitting))
        return c.FieldRef(record=record, field=name, type=w.PROPERTIES[name])  # type: ignore[arg-type]  # types as words
    links: list[c.LinkStep] = []
    holder = record
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2)))):
        following = [(f, t) for f, t in w.LINKS[holder].items() if any(k in kinds for k in w.FIELDS[t].values())]
        if not following:
            break
        field, holder = draw(st.sampled_from(following))
        links.append(c.LinkStep(field=field, record=holder))
    names = [n for n, k in w.FIELDS[holder].items() if k in kinds]
    if not names:
        return draw(refs(record, kinds))
    name = draw(st.sampled_from(names))
    return c.FieldRef(record=record, links=tuple(links), field=name, type=w.FIELDS[holder][name])  # type: ignore[arg-type]  # as above


def spans(units: tuple[str, ...]) -> st.SearchStrategy[c.Span]:
    return st.builds(lambda n, u: c.Span(count=n, unit=u), st.integers(0, 4), st.sampled_from(units))


DAYS = ("day", "week", "working day")


def _literal(kind: str, value: Any) -> c.Literal_:
    return c.Literal_(type=kind, value=value)  # type: ignore[arg-type]  # types as words


@st.composite
def moments(draw: st.DrawFn, record: str, at: datetime, *, dates: bool) -> c.PlanValue:
    """A date (or an instant): a constant, today, now, a field, or one of them moved."""
    base: st.SearchStrategy[Any]
    if dates:
        base = w.days(at).map(lambda d: _literal("date", d.isoformat())) | st.just(c.Today())
        base |= refs(record, ("date",)) if _has(record, "date") else st.nothing()
    else:
        base = w.instants(at).map(lambda i: _literal("instant", i.isoformat())) | st.just(c.Now())
        base |= refs(record, ("datetime",))
    origin = draw(base)
    if draw(st.booleans()):
        return origin  # type: ignore[no-any-return]  # what `base` draws
    units = DAYS if dates else ("hour", "minute", *DAYS)
    return c.Shifted(origin=origin, sign=draw(st.sampled_from((1, -1))), span=draw(spans(units)))


def _has(record: str, kind: str) -> bool:
    if record.startswith("event:"):
        return kind in w.PROPERTIES.values()
    return kind in w.FIELDS[record].values() or record == "deal"


@st.composite
def on_fields(draw: st.DrawFn, record: str, at: datetime) -> c.Condition:
    """One comparison of a field."""
    kinds = ["text", "number", "moment", "empty", "boolean", "match"]
    if record in ("contact", "deal"):
        kinds += ["link", "set"]
    match draw(st.sampled_from(kinds)):
        case "text":
            ref = draw(refs(record, ("text", "choice", "email")))
            values = [_literal("text", t) for t in draw(st.lists(st.sampled_from((*w.TEXTS, *w.STAGES)), min_size=1, max_size=3))]
            if draw(st.booleans()):
                return c.OneOf(field=ref, values=tuple(values))
            value: c.PlanValue = draw(refs(record, ("text",))) if draw(st.booleans()) else draw(st.sampled_from(values))
            return c.Compare(field=ref, op="=", value=value)
        case "number":
            return draw(_numbers(record))
        case "moment":
            return draw(_moments(record, at))
        case "empty":
            kinds_ = ("text", "number", "datetime", "boolean", "set", "choice")
            return c.Empty(field=draw(refs(record, kinds_)))
        case "boolean":
            if not _has(record, "boolean"):
                return draw(_numbers(record))
            return c.Compare(field=draw(refs(record, ("boolean",))), op="=", value=_literal("boolean", draw(st.booleans())))
        case "link":
            ref = draw(refs(record, ("link",)))
            return c.Compare(
                field=ref, op="=", value=_literal("text", draw(st.sampled_from(("ana@example.com", "Software", "x"))))
            )
        case "set":
            if record != "contact":
                return draw(_numbers(record))
            ref = c.FieldRef(record=record, field="subscriptions", type="set")
            return c.Matches(
                field=ref, how="contains", text=draw(st.sampled_from(("non marketing EMAILS", "strasse", "marketing", ";")))
            )
        case _:
            how: Any = draw(st.sampled_from(("contains", "starts with", "ends with")))
            text = draw(st.sampled_from((*w.TEXTS, "ss", "s", "%", "_", "σ", "i", "fi", "K", "a_", "e")))
            return c.Matches(field=draw(refs(record, ("text", "email", "choice"))), how=how, text=text)


@st.composite
def _numbers(draw: st.DrawFn, record: str) -> c.Condition:
    ref = draw(refs(record, ("number",)))
    one, other = (draw(st.sampled_from(w.NUMBERS).map(lambda n: _literal("number", n)) | refs(record, ("number",))) for _ in "ab")
    if draw(st.booleans()):
        return c.Between(field=ref, low=one, high=other)
    op: Any = draw(st.sampled_from(OPS))
    return c.Compare(field=ref, op=op, value=one)


@st.composite
def _moments(draw: st.DrawFn, record: str, at: datetime) -> c.Condition:
    date_field = _has(record, "date") and draw(st.booleans())
    ref = draw(refs(record, ("date",) if date_field else ("datetime",)))
    value = moments(record, at, dates=draw(st.sampled_from((date_field, date_field, not date_field))))
    match draw(st.sampled_from(("within", "relative", "between", "compare"))):
        case "within":
            return c.Within(
                field=ref, sign=draw(st.sampled_from((1, -1))), span=draw(spans(DAYS if date_field else ("hour", "day", "week")))
            )
        case "relative":
            side: Any = draw(st.sampled_from(("before", "after")))
            return c.Relative(field=ref, side=side, value=draw(value))
        case "between":
            return c.Between(field=ref, low=draw(value), high=draw(value))
        case _:
            op: Any = draw(st.sampled_from(OPS))
            return c.Compare(field=ref, op=op, value=draw(value))


@st.composite
def on_what_happened(draw: st.DrawFn, record: str, at: datetime) -> c.Condition:
    """One question about events, facts, lists, tags or flows."""
    last = draw(st.none() | spans(("hour", "day", "week")))
    match draw(st.sampled_from(("events", "events", "fact", "fact", "outcome", "belongs"))):
        case "events":
            name = draw(st.sampled_from(w.EVENTS))
            where = draw(st.none() | on_fields(f"event:{name}", at))
            op: Any = draw(st.sampled_from(COUNT_OPS))
            return c.CountEvents(
                event=name, where=where, last=last, since_entry=draw(st.booleans()), op=op, number=draw(st.integers(0, 3))
            )
        case "fact":
            fact: Any = draw(st.sampled_from(("replied", "opened", "clicked", "bounced", "sent", "done", "overdue")))
            url = draw(st.none() | st.sampled_from(w.URLS)) if fact == "clicked" else None
            return c.Fact(fact=fact, step=draw(st.none() | st.sampled_from((*w.STEPS, "unknown"))), url=url, last=last)
        case "outcome":
            return c.Outcome(
                step=draw(st.sampled_from(w.STEPS)), values=tuple(draw(st.lists(st.sampled_from(w.OUTCOMES), min_size=1)))
            )
        case _:
            others: list[c.Condition] = [c.Unsubscribed(), c.AccountReplied(), *(c.Tagged(tag=t) for t in w.TAGS)]
            others += [c.InList(list=n) for n in (*w.LISTS, "none")]
            others += [c.InFlow(flow=f, was=was) for f in (*w.FLOWS, "none") for was in (False, True)]
            return draw(st.sampled_from(others))


@st.composite
def on_linked(draw: st.DrawFn, record: str, at: datetime) -> c.Condition:
    """One question about the records that link here."""
    ways: dict[str, list[tuple[tuple[c.LinkStep, ...], str, str]]] = {
        "contact": [((), "deal", "contact"), ((c.LinkStep(field="account", record="account"),), "contact", "account")],
        "account": [((), "contact", "account"), ((), "deal", "account")],
        "deal": [
            ((c.LinkStep(field="contact", record="contact"), c.LinkStep(field="account", record="account")), "contact", "account")
        ],
    }
    links, other, link = draw(st.sampled_from(ways[record]))
    some = c.Some(subject=record, links=links, record=other, link=link, where=draw(conditions(other, at, depth=1)))
    if draw(st.booleans()):
        return some
    op: Any = draw(st.sampled_from(COUNT_OPS))
    return c.CountSome(some=some, op=op, number=draw(st.integers(0, 2)))


def conditions(record: str, at: datetime, depth: int = 3) -> st.SearchStrategy[c.Condition]:
    """Conditions of that kind of record, nested a few levels."""
    atoms: st.SearchStrategy[c.Condition] = on_fields(record, at) | on_what_happened(record, at)
    if depth > 1:
        atoms |= on_linked(record, at)
    found = atoms
    for _ in range(depth - 1):
        inner = found
        found = (
            atoms
            | inner.map(lambda i: c.Not(item=i))
            | st.lists(inner, max_size=3).map(lambda i: c.All(items=tuple(i)))
            | st.lists(inner, max_size=3).map(lambda i: c.Any_(items=tuple(i)))
        )
    return found
