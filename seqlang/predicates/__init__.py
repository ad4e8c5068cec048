"""Conditions and values of a plan as SQL: the one compiler of conditions; whoever asks one, asks the database."""

from __future__ import annotations

from seqlang.predicates.compile import to_sql, value_sql, where_sql
from seqlang.predicates.subject import Subject
from seqlang.predicates.wakes import Wakes, fields_of, turns_by_time, wakes

__all__ = ["Subject", "Wakes", "fields_of", "to_sql", "turns_by_time", "value_sql", "wakes", "where_sql"]
