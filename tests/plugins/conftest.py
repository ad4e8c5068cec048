"""A mail server on the loopback, once with each way of talking to it."""

from __future__ import annotations

import pytest

from tests.plugins.mail_server import Box, port
from tests.plugins.test_email_smtp import SETTINGS

# A fixture that stands elsewhere.
__all__ = ["port"]


@pytest.fixture(params=["in turn", "at once", "in chunks"])
def box(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Box:
    """What a server got that wants each command answered, takes several at once, or, as the mailbox asks, whole messages."""
    if request.param == "in chunks":
        monkeypatch.setitem(SETTINGS, "in_flight", 5)
    return Box(pipelining=request.param != "in turn", chunking=request.param == "in chunks")
