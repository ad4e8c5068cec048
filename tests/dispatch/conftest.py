"""A mail server on the loopback, and a project with one mailbox that sends through it."""

from __future__ import annotations

import pytest

from seqlang.store import Store
from tests.dispatch.world import World, with_a_mailbox
from tests.plugins.mail_server import box, port

# Fixtures that stand elsewhere.
__all__ = ["box", "port"]


@pytest.fixture
def world(store: Store, port: int) -> World:
    return with_a_mailbox(store, port)
