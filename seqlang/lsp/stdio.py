"""The server on stdin and stdout."""

from __future__ import annotations

import contextlib
import os
import sys
from importlib.metadata import version

from seqlang.clock import Clock
from seqlang.lsp.features import add_features
from seqlang.lsp.server import Server


def serve(clock: Clock) -> None:
    """Answer on stdin and stdout until the editor leaves."""
    server = Server(clock, version("seqlang"))
    add_features(server)
    # The protocol has channels of its own: whatever else is printed must not get into it.
    spoken, heard = os.fdopen(os.dup(sys.stdout.fileno()), "wb"), os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    try:
        with contextlib.redirect_stdout(sys.stderr):
            server.start_io(heard, spoken)
    finally:
        server.close()
