"""What all nodes of the tree have in common."""

from __future__ import annotations

from seqlang.diagnostics.source import NOWHERE, Span
from seqlang.frozen import Record, field


class Node(Record):
    """Anything that was read; two nodes are equal where they mean the same, wherever they stand."""

    span: Span = field(default=NOWHERE, compare=False, kw_only=True)
