"""What a step's options and placeholders ask of the database, for a whole batch in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, case, literal

from seqlang.plan import conditions as c
from seqlang.predicates import Subject, to_sql, value_sql
from seqlang.store.cells import loaded
from seqlang.vocabulary.records import FieldSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement

    from seqlang.plan.model import StepNode
    from seqlang.store.database import Store

ABOUT_PHONES = ("country", "country_code", "timezone")  # fields of a contact, where a project has them
APART = ("owner", "sender", "unsubscribe_url", "today")  # roots of placeholders that are no part of the record


@dataclass(frozen=True, slots=True)
class Asked:
    """One value to read: where it belongs, and how it is kept."""

    label: str
    path: str | None  # of a placeholder
    number: int | None  # of an option's value: see `walk`
    field: FieldSpec | None  # None: the number of the case of a `choose` that holds
    sql: ColumnElement[Any]

    def value(self, kept: Any) -> Any:
        """Return the Python value of what the column gave."""
        return kept if self.field is None else loaded(self.field, kept)


def walk(step: StepNode) -> Iterator[tuple[int, c.PlanValue]]:
    """Give every value inside the options that differs by recipient, with its number; always in the same order."""
    number = 0
    waiting: list[c.PlanValue] = [value for _, value in reversed(step.options)]
    while waiting:
        value = waiting.pop()
        match value:
            case c.ListValue():
                waiting += reversed(value.items)
            case c.ObjectValue():
                waiting += [inner for _, inner in reversed(value.items)]
            case c.Choose():
                yield number, value
                number += 1
                waiting += [arm.value for arm in reversed(value.cases)]
            case c.FieldRef() | c.Shifted():
                yield number, value
                number += 1
            case _:
                continue


def asked_of(step: StepNode, subject: Subject, store: Store, *, everything: bool = False) -> list[Asked]:
    """Return all that the step asks. `everything`: all fields of the record and its contact too, for channels that call out.

    What goes to a phone is told the contact's country and zone: how to read the number, and when it is night there.

    KeyError, TypeError: the plan does not fit the database's records.
    """
    paths = {path for path in step.placeholders if path.partition(".")[0] not in APART}
    if step.address == "phone":
        paths |= _about_phones(subject, store)
    if everything:
        paths |= _all_fields(subject, store)
    found = []
    for index, path in enumerate(sorted(paths)):
        ref, spec = path_ref(path, subject.record, store)
        found.append(Asked(f"p{index}", path, None, spec, value_sql(ref, subject, store)))
    for number, value in walk(step):
        found.append(_of_value(number, value, subject, store))
    return found


def _of_value(number: int, value: c.PlanValue, subject: Subject, store: Store) -> Asked:
    label = f"o{number}"
    if isinstance(value, c.Choose):
        arms = [(to_sql(arm.when, subject, store), literal(place, Integer))
                for place, arm in enumerate(value.cases) if arm.when is not None]
        otherwise = next((place for place, arm in enumerate(value.cases) if arm.when is None), None)
        last = literal(otherwise, Integer)
        return Asked(label, None, number, None, case(*arms, else_=last) if arms else last)
    if isinstance(value, c.FieldRef):
        ref, spec = _end(value, store)
        return Asked(label, None, number, spec, value_sql(ref, subject, store))
    assert isinstance(value, c.Shifted)
    instant = value.span.unit in ("minute", "hour") or (isinstance(value.origin, c.FieldRef) and value.origin.type == "datetime")
    spec = FieldSpec(name="moment", type="datetime" if instant or isinstance(value.origin, c.Now) else "date")
    return Asked(label, None, number, spec, value_sql(value, subject, store))


def _end(ref: c.FieldRef, store: Store) -> tuple[c.FieldRef, FieldSpec]:
    """Return the field itself; where it is a link, the field by which people name the record it leads to."""
    spec = store.record_tables.spec(ref.holder).field(ref.field)
    if spec is None:
        raise KeyError(ref.field)
    if spec.link is None:
        return ref, spec
    target = store.record_tables.spec(spec.link)
    key = target.field(target.key)
    if key is None:
        raise KeyError(target.key)
    links = (*ref.links, c.LinkStep(field=ref.field, record=spec.link))
    return c.FieldRef(record=ref.record, links=links, field=key.name, type=key.type), key


def path_ref(path: str, record: str, store: Store) -> tuple[c.FieldRef, FieldSpec]:
    """Return the field that a placeholder names, seen from a record of that type. KeyError where there is none."""
    root, *names = path.split(".")
    links: list[c.LinkStep] = []
    holder = record
    for name in (names[:-1] if root == record else [root, *names[:-1]]):
        spec = store.record_tables.spec(holder).field(name)
        if spec is None or spec.link is None:
            raise KeyError(path)
        links.append(c.LinkStep(field=name, record=spec.link))
        holder = spec.link
    field = store.record_tables.spec(holder).field(names[-1]) if names else None
    if field is None:
        raise KeyError(path)
    return _end(c.FieldRef(record=record, links=tuple(links), field=field.name, type=field.type), store)


def _about_phones(subject: Subject, store: Store) -> set[str]:
    if subject.record != "contact" and store.record_tables.spec(subject.record).field("contact") is None:
        return set()
    known = {f.name for f in store.record_tables.spec("contact").fields if f.link is None}
    return {f"contact.{name}" for name in ABOUT_PHONES if name in known}


def _all_fields(subject: Subject, store: Store) -> set[str]:
    own = store.record_tables.spec(subject.record)
    paths = {f"{subject.record}.{f.name}" for f in own.fields if f.link is None}
    contact = own.field("contact")
    if contact is not None and contact.link == "contact":
        paths |= {f"contact.{f.name}" for f in store.record_tables.spec("contact").fields if f.link is None}
    return paths
