"""A mail server on the loopback, once with each way of talking to it."""

from __future__ import annotations

import pytest

from tests.plugins.mail_server import Box, port

# A fixture that stands elsewhere.
__all__ = ["port"]


@pytest.fixture(params=["in turn", "at once", "in chunks"])
def box(request: pytest.FixtureRequest) -> Box:
    """What a server got that wants each command answered, takes several at once, or whole messages with them."""
    return Box(pipelining=request.param != "in turn", chunking=request.param == "in chunks")
