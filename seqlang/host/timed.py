"""Calls code that may hang, and waits no longer than it may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def call_timed(function: Callable[[], Any], seconds: float) -> Any:
    """Return what the function returns, or raise what it raises; TimeoutError after `seconds`.

    The function runs in a daemon thread: nothing can end a thread that hangs, but nobody has to wait for it either.
    """
    from queue import Empty, SimpleQueue  # here, for `check` calls nothing
    from threading import Thread

    answers: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            answers.put((function(), None))
        except BaseException as error:  # noqa: BLE001  handed to the caller, who decides
            answers.put((None, error))

    Thread(target=run, daemon=True, name="seqlang-plugin").start()
    try:
        result, error = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return result
