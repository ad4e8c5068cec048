"""Whose mailboxes are whose: a table of `[channels.WORD]` bears a user's address, or says in `user` whose further one it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT = "default"  # the organisation's


def mailboxes_of(tables: Mapping[str, Any], name: str) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return the mailboxes of a user (or of "default"), the one of that name first, then the further ones in the file's order.

    `tables`: name -> settings, as they stand in `seqlang.toml`; names compare without case.
    """
    wanted = name.lower()
    sound = [(key, table) for key, table in tables.items() if isinstance(table, Mapping)]
    own = [(key, table) for key, table in sound if key.lower() == wanted]
    further = [(key, table) for key, table in sound if key.lower() != wanted and str(table.get("user") or "").lower() == wanted]
    return tuple(own + further)
