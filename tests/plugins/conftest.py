"""A mail server on the loopback, once with each way of talking to it."""

from __future__ import annotations

import pytest

from tests.plugins.mail_server import Box, port

# A fixture that stands elsewhere.
__all__ = ["port"]


@pytest.fixture(params=[False, True], ids=["in turn", "at once"])
def box(request: pytest.FixtureRequest) -> Box:
    """What a server got: one that wants each command answered, and one that takes several at once."""
    return Box(pipelining=request.param)
