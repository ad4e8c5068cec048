"""Keeps what plugins print out of a command's stdout, which may be a document that another program reads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TextIO

_lock = Lock()
_left: list[TextIO] = []  # the stdout of the process, once for each block that is open


@contextmanager
def printing_aside() -> Iterator[None]:
    """Let `print` write to stderr while the block runs, in every thread: plugins run in threads of their own.

    For blocks in which the command itself prints nothing. Blocks of several threads may overlap: the last one to end puts stdout
    back, so that it is never lost.
    """
    with _lock:
        _left.append(_left[0] if _left else sys.stdout)
        sys.stdout = sys.stderr
    try:
        yield
    finally:
        with _lock:
            stdout = _left.pop()
            if not _left:
                sys.stdout = stdout
