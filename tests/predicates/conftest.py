"""The scene, on each database."""

from __future__ import annotations

import pytest

from seqlang.store import Store
from tests.predicates.scene import Scene


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)
