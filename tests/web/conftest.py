"""A mail server on the loopback, and a project whose mails have signed links."""

from __future__ import annotations

import pytest

from seqlang.store import Store
from tests.plugins.mail_server import Box, box, port
from tests.web.site import SECRET, Site

# Fixtures that stand elsewhere.
__all__ = ["box", "port"]


@pytest.fixture
def site(store: Store, box: Box, port: int, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("SITE_SECRET", SECRET)
    return Site(store, box, port)
