"""Frozen records that cost little to define: the shared ground of the syntax tree and of the plan.

They behave as frozen, slotted dataclasses do (`dataclasses.fields`, `replace`, `match`, equality, hashing, pickling). The
decorator of the standard library compiles six functions for each class when its module is loaded, and pydantic builds a
validator; for some two hundred classes either takes longer than checking a file. Here a class compiles its constructor when its
first record is made, shares everything else, and meets pydantic only when a text is read from outside.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, dataclass_transform, get_args

if TYPE_CHECKING:
    from typing import Self

    from pydantic import TypeAdapter
    from pydantic_core import CoreSchema


def _plain_mark() -> Any:
    """Return the mark that the standard library gives to plain fields (neither ClassVar nor InitVar)."""
    from dataclasses import dataclass

    @dataclass
    class _One:
        one: int

    return _One.__dataclass_fields__["one"]._field_type  # type: ignore[attr-defined]  # noqa: SLF001


_FIELD = _plain_mark()


class _Parameters:
    """What `dataclasses` notes of a class; pydantic asks for it."""

    init = repr = eq = frozen = slots = True
    order = unsafe_hash = weakref_slot = False
    match_args = True
    kw_only = False


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class FrozenType(type):
    """Makes the class of a record from its annotations, in the order in which they stand; a default makes a field optional."""

    by_name = False

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> FrozenType:
        """Lay out the slots and the list of fields."""
        fields: dict[str, Field[Any]] = {}
        for base in bases:
            fields.update(getattr(base, "__dataclass_fields__", {}))
        own = [key for key, kind in space.get("__annotations__", {}).items() if not str(kind).startswith("ClassVar")]
        for key in own:
            given = space.pop(key, MISSING)
            one: Field[Any] = given if isinstance(given, Field) else field() if given is MISSING else field(default=given)
            one.name, one.type, one._field_type = key, space["__annotations__"][key], _FIELD  # type: ignore[attr-defined]  # noqa: SLF001
            if one.kw_only is MISSING:
                one.kw_only = cls.by_name
            fields[key] = one
        space["__slots__"] = tuple(own)
        space["__dataclass_fields__"] = fields
        space["__dataclass_params__"] = _Parameters
        space["__match_args__"] = tuple(key for key, one in fields.items() if not one.kw_only)
        made = super().__new__(cls, name, bases, space)
        compared = [key for key, one in fields.items() if one.compare]
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
    fields: dict[str, Field[Any]] = cls.__dataclass_fields__
    names: dict[str, Any] = {"_set": object.__setattr__}
    parts: list[str] = []
    for only_by_name in (False, True):
        chosen = [one for one in fields.values() if one.kw_only is only_by_name]
        if only_by_name and chosen:
            parts.append("*")
        for one in chosen:
            default = one.default is not MISSING
            if default:
                names[f"_{one.name}"] = one.default
            parts.append(f"{one.name}=_{one.name}" if default else one.name)
    body = "\n".join(f" _set(self, {key!r}, {key})" for key in fields) or " pass"
    exec(f"def __init__(self, {', '.join(parts)}):\n{body}", names)  # noqa: S102  # as the standard library does
    cls.__init__ = names["__init__"]
    cls.__init__(self, *args, **given)


class Record(metaclass=FrozenType):
    """A frozen record; two are equal where the fields that carry meaning are."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
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
        shown = (f"{key}={getattr(self, key)!r}" for key, one in type(self).__dataclass_fields__.items() if one.compare)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __setattr__(self, key: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {key!r}")

    def __delattr__(self, key: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {key!r}")

    def __getstate__(self) -> list[Any]:
        """Return the fields, for copying and pickling."""
        return [getattr(self, key) for key in type(self).__dataclass_fields__]

    def __setstate__(self, state: list[Any]) -> None:
        """Take the fields, when copied or unpickled."""
        for key, value in zip(type(self).__dataclass_fields__, state, strict=True):
            object.__setattr__(self, key, value)


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
        return {_alias(key): _plain(getattr(self, key)) for key in type(self).__dataclass_fields__}

    def model_dump_json(self) -> str:
        """Return the record as JSON, fields in the order of the class."""
        import json

        return json.dumps(self.model_dump(), separators=(",", ":"), ensure_ascii=False)

    def model_copy(self, *, update: dict[str, Any]) -> Self:
        """Return a copy with other values of some fields."""
        return type(self)(**{key: getattr(self, key) for key in type(self).__dataclass_fields__} | update)


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

        kinds = {kind.__dataclass_fields__["is_"].default: handler.generate_schema(kind) for kind in get_args(source)}
        return core_schema.tagged_union_schema(kinds, discriminator="is")
