"""What all nodes of the tree have in common: frozen records that cost little to define.

They behave as frozen, slotted dataclasses do (`dataclasses.fields`, `replace`, `match`, equality, hashing, pickling). The
decorator of the standard library compiles six functions for each of a hundred classes when the module is loaded, which takes
longer than checking a file; here a class compiles its constructor when its first node is made, and shares everything else.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, field
from operator import attrgetter
from typing import Any, ClassVar, NoReturn, dataclass_transform

from seqlang.diagnostics.source import NOWHERE, Span


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class NodeType(type):
    """Makes the class of a node from its annotations, in the order in which they stand; a default makes a field optional."""

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> NodeType:
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
                one.kw_only = False
            fields[key] = one
        space["__slots__"] = tuple(own)
        space["__dataclass_fields__"] = fields
        space["__match_args__"] = tuple(key for key, one in fields.items() if not one.kw_only)
        made = super().__new__(cls, name, bases, space)
        compared = [key for key, one in fields.items() if one.compare]
        made._compared = attrgetter(*compared) if compared else None  # type: ignore[attr-defined]
        made.__init__ = _first_init  # type: ignore[misc]
        return made


def _first_init(self: Any, *args: Any, **given: Any) -> None:
    """Compile the constructor of the node's class, and construct the node with it."""
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
    body = "\n".join(f" _set(self, {key!r}, {key})" for key in fields)
    exec(f"def __init__(self, {', '.join(parts)}):\n{body}", names)  # noqa: S102  # as the standard library does
    cls.__init__ = names["__init__"]
    cls.__init__(self, *args, **given)


_FIELD = Span.__dataclass_fields__["start"]._field_type  # type: ignore[attr-defined]  # noqa: SLF001  # the mark of a plain field


class Node(metaclass=NodeType):
    """Anything that was read; two nodes are equal where they mean the same, wherever they stand."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    _compared: ClassVar[Any]

    span: Span = field(default=NOWHERE, compare=False, kw_only=True)

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
