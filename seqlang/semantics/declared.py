"""A declaration and the file that it stands in."""

from __future__ import annotations

from typing import Generic, TypeVar

from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.syntax.node import Node

Declared_ = TypeVar("Declared_", bound=Node)


class Declared(Record, Generic[Declared_]):
    """A declaration and the file that it stands in."""

    node: Declared_
    source: Source
