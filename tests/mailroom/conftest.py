"""A desk on each of the databases."""

from __future__ import annotations

import pytest

from seqlang.store import Store
from tests.mailroom.desk import Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    """A contact with a message that went out two hours ago, and an empty folder."""
    return Desk(store)
