"""Calls code of plugins, waits no longer than it may, and lets none of it end more than its own call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class EscapeError(RuntimeError):
    """A plugin raised what ends a program, a thread or a generator (`sys.exit`): for everybody else it failed like any other.

    Its text is the whole failure, the name of what was raised too.
    """


def call_timed(function: Callable[[], Any], seconds: float) -> Any:
    """Return what the function returns, or raise what it raises; TimeoutError after `seconds`, EscapeError for no `Exception`.

    The function runs in a daemon thread: nothing can end a thread that hangs, but nobody has to wait for it either. A person's
    Ctrl-C comes in the main thread, never in that one: what looks like it there is the plugin's own.
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
    if error is None:
        return result
    if isinstance(error, Exception):
        raise error
    raise EscapeError(failure(error)) from error


def failure(error: BaseException) -> str:
    """Return what was raised, in one line: its name and what it says of itself, which is a plugin's code, too."""
    try:
        said = " ".join(str(error).split())
    except BaseException:  # noqa: BLE001  it cannot even say what it is
        said = ""
    if isinstance(error, EscapeError):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def is_of_plugin(error: BaseException) -> bool:
    """Tell whether what a plugin's call raised in this thread is the plugin's failure; not so is a person's Ctrl-C."""
    from threading import current_thread, main_thread

    return not (isinstance(error, KeyboardInterrupt) and current_thread() is main_thread())
