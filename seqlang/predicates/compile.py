"""From conditions and values to SQL expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from seqlang.plan.conditions import Condition, PlanValue
    from seqlang.predicates.subject import Subject
    from seqlang.store.database import Store


def to_sql(condition: Condition, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return the condition as an expression that is true or false, never null: `not_()` of it is its negation."""
    raise NotImplementedError


def value_sql(value: PlanValue, subject: Subject, store: Store) -> ColumnElement[Any]:
    """Return the value as the store keeps it (dates as ordinals, instants as microseconds); null where it is empty."""
    raise NotImplementedError
