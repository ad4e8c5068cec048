"""Reads records of the vocabulary from plain data (a manifest, settings) without pydantic, which takes longer to load."""

from __future__ import annotations

import types
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from seqlang.frozen import Frozen

R = TypeVar("R", bound=Frozen)


def read_record(kind: type[R], data: object, place: str = "") -> R:
    """Return the record that a table describes; ValueError with the place and the reason where it does not fit."""
    if not isinstance(data, dict):
        raise ValueError(_at(place, "it must be a table"))  # noqa: TRY004  # data from outside, not a wrong call
    fields = kind.record_parts
    unknown = sorted(set(data) - set(fields))
    if unknown:
        raise ValueError(_at(_join(place, unknown[0]), "there is no such key"))
    missing = [name for name, one in fields.items() if one.needed and name not in data]
    if missing:
        raise ValueError(_at(_join(place, missing[0]), "it is missing"))
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], value, _join(place, name)) for name, value in data.items()})


@cache
def _hints(kind: type[Frozen]) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, value: object, place: str) -> object:
    """Return the value as the hint wants it: tuples for lists, records for tables."""
    origin = get_origin(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        return _either(get_args(hint), value, place)
    if origin is Literal:
        if value in get_args(hint):
            return value
        raise ValueError(_at(place, "it must be one of " + ", ".join(f"`{word}`" for word in get_args(hint))))
    if origin is tuple and isinstance(value, list | tuple):
        args = get_args(hint)
        kinds = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
        return tuple(_value(one, item, f"{place}.{n}") for n, (one, item) in enumerate(zip(kinds, value, strict=True)))
    if origin is dict and isinstance(value, dict):
        return {key: _value(get_args(hint)[1], item, _join(place, key)) for key, item in value.items()}
    if isinstance(hint, type) and issubclass(hint, Frozen):
        return value if isinstance(value, hint) else read_record(hint, value, place)
    if isinstance(hint, type) and isinstance(value, hint) and isinstance(value, bool) == (hint is bool):
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError(_at(place, f"it must be {_named(hint)}"))


def _either(kinds: tuple[Any, ...], value: object, place: str) -> object:
    if value is None and type(None) in kinds:
        return None
    reason = ""
    for kind in kinds:
        if kind is not type(None):
            try:
                return _value(kind, value, place)
            except ValueError as error:
                reason = reason or str(error)
    raise ValueError(reason)


def _named(hint: Any) -> str:
    return {str: "a text", int: "a whole number", float: "a number", bool: "`true` or `false`"}.get(hint, "a list")


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _at(place: str, reason: str) -> str:
    return f"`{place}`: {reason}" if place else reason
