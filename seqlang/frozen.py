"""Frozen records that cost little to define: the shared ground of the syntax tree and of the plan.

They behave as frozen, slotted dataclasses do (`dataclasses.fields`, `replace`, `match`, equality, hashing, pickling). The
decorator of the standard library compiles six functions for each class when its module is loaded, and pydantic builds a
validator; for some two hundred classes either takes longer than checking a file. Here a class compiles its constructor when its
first record is made, shares everything else, and meets `dataclasses` and pydantic only when somebody asks.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar, dataclass_transform, get_args

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field
    from typing import Self

    from pydantic import TypeAdapter
    from pydantic_core import CoreSchema


class _Missing:
    """Stands where nothing was given."""

    __slots__ = ()


MISSING = _Missing()


class Part:
    """One field of a record."""

    __slots__ = ("by_name", "compare", "default", "factory", "name", "type")

    def __init__(self, default: Any, factory: Any, *, compare: bool, by_name: bool | None) -> None:
        self.name = ""
        self.type: Any = None  # the annotation, as text
        self.default = default  # MISSING: none
        self.factory = factory  # makes the default; None: it does not
        self.compare = compare  # carries meaning: counts for equality, the hash and what is shown
        self.by_name = by_name  # None: as the class has it

    @property
    def needed(self) -> bool:
        """Whether it has to be given."""
        return self.default is MISSING and self.factory is None


def field(
    *, default: Any = MISSING, default_factory: Callable[[], Any] | None = None, compare: bool = True, kw_only: bool | None = None
) -> Any:
    """Describe a field beyond its type, as `dataclasses.field` does."""
    return Part(default, default_factory, compare=compare, by_name=kw_only)


class _Parameters:
    """What `dataclasses` notes of a class; pydantic asks for it."""

    init = repr = eq = frozen = slots = True
    order = unsafe_hash = weakref_slot = False
    match_args = True
    kw_only = False


class _Fields:
    """The fields as the standard library describes them, made when they are asked for."""

    def __get__(self, record: object, cls: type) -> dict[str, Field[Any]]:
        made: dict[str, Field[Any]] | None = _MADE.get(cls)
        if made is None:
            made = _MADE[cls] = {part.name: _standard(part) for part in cls.record_parts.values()}  # type: ignore[attr-defined]
        return made


_MADE: dict[type, dict[str, Field[Any]]] = {}


def _standard(part: Part) -> Field[Any]:
    import dataclasses

    given: dict[str, Any] = {"compare": part.compare, "kw_only": bool(part.by_name)}
    if part.factory is not None:
        made: Field[Any] = dataclasses.field(default_factory=part.factory, **given)
    elif part.default is not MISSING:
        made = dataclasses.field(default=part.default, **given)
    else:
        made = dataclasses.field(**given)
    made.name, made.type = part.name, part.type
    made._field_type = dataclasses._FIELD  # type: ignore[attr-defined]  # noqa: SLF001  # neither ClassVar nor InitVar
    return made


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class FrozenType(type):
    """Makes the class of a record from its annotations, in the order in which they stand; a default makes a field optional."""

    by_name = False

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> FrozenType:
        """Lay out the slots and the list of fields."""
        parts: dict[str, Part] = {}
        for base in bases:
            parts.update(getattr(base, "record_parts", {}))
        kinds = space.get("__annotations__", {})
        own = [key for key, kind in kinds.items() if not str(kind).startswith("ClassVar")]
        for key in own:
            given = space.pop(key, MISSING)
            one = given if isinstance(given, Part) else Part(given, None, compare=True, by_name=None)
            one.name, one.type = key, kinds[key]
            if one.by_name is None:
                one.by_name = cls.by_name
            parts[key] = one
        space["__slots__"] = tuple(own)
        space["record_parts"] = parts
        space["__match_args__"] = tuple(key for key, one in parts.items() if not one.by_name)
        made = super().__new__(cls, name, bases, space)
        compared = [key for key, one in parts.items() if one.compare]
        made._compared = attrgetter(*compared) if compared else None  # type: ignore[attr-defined]
        made.__init__ = _first_init  # type: ignore[misc]
        return made


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class FrozenByName(FrozenType):
    """The same, but fields are given by name only."""

    by_name = True


def _first_init(self: Any, *args: Any, **given: Any) -> None:
    """Compile the constructor of the record's class, and construct the record with it."""
    cls = type(self)
    parts: dict[str, Part] = cls.record_parts
    # Each slot's own way to be filled: `__setattr__` of the record refuses, and `object.__setattr__` looks the slot up anew.
    names: dict[str, Any] = {"_missing": MISSING, **{f"_set_{key}": getattr(cls, key).__set__ for key in parts}}
    listed: list[str] = []
    lines: list[str] = []
    for only_by_name in (False, True):
        chosen = [one for one in parts.values() if one.by_name is only_by_name]
        if only_by_name and chosen:
            listed.append("*")
        for one in chosen:
            if one.factory is not None:
                names[f"_{one.name}"] = one.factory
                listed.append(f"{one.name}=_missing")
                lines.append(f" if {one.name} is _missing: {one.name} = _{one.name}()")
            elif one.default is not MISSING:
                names[f"_{one.name}"] = one.default
                listed.append(f"{one.name}=_{one.name}")
            else:
                listed.append(one.name)
    body = "\n".join([*lines, *(f" _set_{key}(self, {key})" for key in parts)]) or " pass"
    exec(f"def __init__(self, {', '.join(listed)}):\n{body}", names)  # noqa: S102  # as the standard library does
    cls.__init__ = names["__init__"]
    cls.__init__(self, *args, **given)


class Record(metaclass=FrozenType):
    """A frozen record; two are equal where the fields that carry meaning are."""

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    else:
        __dataclass_fields__ = _Fields()
    __dataclass_params__: ClassVar[Any] = _Parameters
    record_parts: ClassVar[dict[str, Part]]
    _compared: ClassVar[Any]

    def __eq__(self, other: object) -> bool:
        """Compare the fields that carry meaning."""
        cls = type(self)
        if cls is not type(other):
            return NotImplemented
        compared = cls._compared
        return compared is None or bool(compared(self) == compared(other))

    def __hash__(self) -> int:
        cls = type(self)
        return hash((cls, cls._compared(self) if cls._compared is not None else None))

    def __repr__(self) -> str:
        shown = (f"{key}={getattr(self, key)!r}" for key, one in type(self).record_parts.items() if one.compare)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __setattr__(self, key: str, value: object) -> NoReturn:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {key!r}")

    def __delattr__(self, key: str) -> NoReturn:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {key!r}")

    def __getstate__(self) -> list[Any]:
        """Return the fields, for copying and pickling."""
        return [getattr(self, key) for key in type(self).record_parts]

    def __setstate__(self, state: list[Any]) -> None:
        """Take the fields, when copied or unpickled."""
        for key, value in zip(type(self).record_parts, state, strict=True):
            object.__setattr__(self, key, value)


R = TypeVar("R", bound=Record)


def replace(record: R, /, **changes: Any) -> R:
    """Return a copy with other values of some fields, as `dataclasses.replace` does."""
    return type(record)(**{key: getattr(record, key) for key in record.record_parts} | changes)


def _alias(name: str) -> str:
    """Return the name of a field in JSON: a Python name may need an underscore that the text does not."""
    return name.removesuffix("_")


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


class Frozen(Record, metaclass=FrozenByName):
    """Data that does not change, that can be written as JSON and read back; fields are given by name."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "alias_generator": _alias, "populate_by_name": True}

    @classmethod
    def _adapter(cls) -> TypeAdapter[Self]:
        if cls not in _ADAPTERS:
            from pydantic import TypeAdapter

            _ADAPTERS[cls] = TypeAdapter(cls)
        return _ADAPTERS[cls]

    @classmethod
    def model_validate(cls, data: object) -> Self:
        """Return the record that plain data describe; pydantic's ValidationError where they do not fit."""
        return cls._adapter().validate_python(data)

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Self:
        """Return the record that a JSON text describes; pydantic's ValidationError where it does not fit."""
        return cls._adapter().validate_json(text)

    def model_dump(self) -> dict[str, Any]:
        """Return the record as plain data, with the names of JSON; whole numbers are ints."""
        return {_alias(key): _plain(getattr(self, key)) for key in type(self).record_parts}

    def model_dump_json(self) -> str:
        """Return the record as JSON, fields in the order of the class."""
        import json

        return json.dumps(self.model_dump(), separators=(",", ":"), ensure_ascii=False)

    def model_copy(self, *, update: dict[str, Any]) -> Self:
        """Return a copy with other values of some fields."""
        return type(self)(**{key: getattr(self, key) for key in type(self).record_parts} | update)


def _plain(value: object) -> Any:
    """Return plain data: 2 and 2.0 are one number, and have one text."""
    if isinstance(value, Frozen):
        return value.model_dump()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


class OneOfKinds:
    """Marks a union of records told apart by their field `is`: a wrong one is reported as its own kind, not as every kind."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        """Build a tagged union out of the plain one."""
        from pydantic_core import core_schema

        kinds = {kind.record_parts["is_"].default: handler.generate_schema(kind) for kind in get_args(source)}
        return core_schema.tagged_union_schema(kinds, discriminator="is")
