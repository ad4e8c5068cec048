"""A declaration and the file that it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from seqlang.diagnostics.source import Source
from seqlang.syntax.node import Node

Declared_ = TypeVar("Declared_", bound=Node)


@dataclass(frozen=True, slots=True)
class Declared(Generic[Declared_]):
    """A declaration and the file that it stands in."""

    node: Declared_
    source: Source
