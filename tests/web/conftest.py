"""A mail server on the loopback, and a project whose mails have signed links."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seqlang.store import Store
from tests.plugins.mail_server import Box, running
from tests.web.site import SECRET, Site


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def port(box: Box) -> Iterator[int]:
    with running(box) as port:
        yield port


@pytest.fixture
def site(store: Store, box: Box, port: int, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("SITE_SECRET", SECRET)
    return Site(store, box, port)
