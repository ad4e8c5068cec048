"""From conditions and values to SQL expressions: one function a kind of condition, two truth values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, false, not_, or_, true

from seqlang.plan import conditions as c
from seqlang.predicates import belonging, facts, fields
from seqlang.predicates.values import Typed, typed

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from seqlang.predicates.subject import Subject
    from seqlang.store.database import Store

NESTED_MAX = 12  # how deep brackets may nest in the SQL itself


def to_sql(condition: c.Condition, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return the condition as an expression that is true or false, never null: `not_()` of it is its negation.

    It is correlated to the FROM clauses of `subject`. TypeError or KeyError where the plan does not fit the store's catalogue.
    """
    return _Compiler(store).condition(condition, subject)


def where_sql(condition: c.Condition, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return the condition as a part of WHERE, where null is as good as false; never to be negated.

    Nothing is asked twice then: `field >= 90` says by itself that the field is filled, and it is asked of every record.
    """
    return _Compiler(store).condition(condition, replace(subject, filters=True))


def value_sql(value: c.PlanValue, subject: Subject, store: Store) -> ColumnElement[Any]:
    """Return the value as the store keeps it (dates as ordinals, instants as microseconds); null where it is empty.

    TypeError for what no column keeps: templates with placeholders, lists, files.
    """
    return _Compiler(store).value(value, subject).sql


class _Compiler:
    """The store, and one way for every kind of condition."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._weights: dict[int, tuple[int, int]] = {}  # id of a part -> how deep it nests, how many parts it has

    def value(self, value: c.PlanValue, subject: Subject) -> Typed:
        return typed(value, subject, self.store, lambda when: self.condition(when, subject))

    def condition(self, item: c.Condition, subject: Subject) -> ColumnElement[bool]:
        match item:
            case c.All() | c.Any_() | c.Not() if self._weight(item)[0] > NESTED_MAX:
                return self._spine(item, _surely(subject))
            case c.All():
                return and_(true(), *(self.condition(i, subject) for i in _flat(item)))
            case c.Any_():
                return or_(false(), *(self.condition(i, subject) for i in _flat(item)))
            case c.Not():
                return self._negated(item.item, _surely(subject))
            case c.Compare() | c.OneOf() | c.Matches() | c.Within() | c.Relative() | c.Between() | c.Empty():
                return self._field(item, subject)
            case c.Some():
                return exists(belonging.some_rows(item, subject, self.store, self.condition))
            case c.CountSome():
                return facts.counted(belonging.some_rows(item.some, subject, self.store, self.condition), item.op, item.number)
            case _:
                return self._happened(item, subject)

    def _negated(self, item: c.Condition, subject: Subject) -> ColumnElement[bool]:
        if isinstance(item, c.Not):
            return self.condition(item.item, subject)
        if isinstance(item, c.Empty):
            return fields.filled(item, subject, self.store)
        return not_(self.condition(item, subject))

    def _spine(self, item: c.Condition, subject: Subject) -> ColumnElement[bool]:
        """Return a deeply nested condition as one flat CASE.

        `a and (b or (c and d))` is `case when not a then no when b then yes when not c then no else d end`: SQLite's parser
        holds no more than a hundred open brackets. At each level the largest part goes on, so that CASEs nest no deeper than
        the logarithm of the size.
        """
        arms: list[tuple[ColumnElement[bool], ColumnElement[bool]]] = []
        part, negated = item, False
        while isinstance(part, c.All | c.Any_ | c.Not):
            if isinstance(part, c.Not):
                part, negated = part.item, not negated
                continue
            items = _flat(part)
            if not items:
                break
            largest = max(items, key=lambda i: self._weight(i)[1])
            others = [self.condition(i, subject) for i in items if i is not largest]
            if others and isinstance(part, c.All):
                arms.append((not_(and_(*others)), true() if negated else false()))
            elif others:
                arms.append((or_(*others), false() if negated else true()))
            part = largest
        end = self.condition(part, subject)
        last = not_(end) if negated else end
        return case(*arms, else_=last) if arms else last

    def _weight(self, item: c.Condition) -> tuple[int, int]:
        """Return how deep a condition nests and how many parts it has; without recursion, each part once."""
        waiting: list[c.Condition] = [item]
        while waiting:
            part = waiting[-1]
            inner = part.items if isinstance(part, c.All | c.Any_) else (part.item,) if isinstance(part, c.Not) else ()
            missing = [i for i in inner if id(i) not in self._weights]
            if missing:
                waiting += missing
                continue
            weights = [self._weights[id(i)] for i in inner]
            self._weights[id(part)] = (1 + max((w[0] for w in weights), default=0), 1 + sum(w[1] for w in weights))
            waiting.pop()
        return self._weights[id(item)]

    def _field(self, item: c.Condition, subject: Subject) -> ColumnElement[bool]:
        store = self.store
        match item:
            case c.Compare():
                return fields.compare(item.field, item.op, self.value(item.value, subject), subject, store)
            case c.OneOf():
                return fields.one_of(item, subject, store, lambda v: self.value(v, subject))
            case c.Matches():
                return fields.matches(item, subject, store)
            case c.Within():
                return fields.within(item, subject, store)
            case c.Relative():
                return fields.relative(item, subject, store, lambda v: self.value(v, subject))
            case c.Between():
                return fields.between(item, subject, store, lambda v: self.value(v, subject))
            case c.Empty():
                return fields.empty(item, subject, store)
            case _:
                raise TypeError(f"{type(item).__name__} is no condition on a field")

    def _happened(self, item: c.Condition, subject: Subject) -> ColumnElement[bool]:
        store = self.store
        match item:
            case c.CountEvents():
                return facts.count_events(item, subject, store, lambda w, record, row: self._of_event(w, record, row, subject))
            case c.Fact():
                return facts.fact(item, subject)
            case c.Outcome():
                return facts.outcome(item, subject)
            case c.Unsubscribed():
                return facts.unsubscribed(subject, store)
            case c.AccountReplied():
                return facts.account_replied(subject, store)
            case c.InList():
                return belonging.in_list(item, subject, store)
            case c.Tagged():
                return belonging.tagged(item, subject)
            case c.InFlow():
                return belonging.in_flow(item, subject, store)
            case _:
                raise TypeError(f"{type(item).__name__} is no condition")

    def _of_event(self, where: c.Condition, record: str, row: FromClause, subject: Subject) -> ColumnElement[bool]:
        return self.condition(where, replace(subject, record=record, row=row))


def _surely(subject: Subject) -> Subject:
    """Return the subject for conditions that must be true or false: what they say may be negated."""
    return replace(subject, filters=False) if subject.filters else subject


def _flat(item: c.All | c.Any_) -> list[c.Condition]:
    """Return the items of nested conjunctions (or disjunctions) as one list: what SQL nests costs the planner."""
    found: list[c.Condition] = []
    waiting = list(reversed(item.items))
    while waiting:
        part = waiting.pop()
        if type(part) is type(item):
            waiting += reversed(part.items)
        else:
            found.append(part)
    return found
