"""`send-test`: a step's message, to oneself."""

from __future__ import annotations

from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace
from seqlang.clock import SystemClock
from seqlang.errors import UsageError


def send_test_message(workspace: Workspace, name: str, step: str, recipient: str, contact: str) -> str:
    """Send it and say what the server answered; it counts as nothing."""
    from seqlang.dispatch.trial import send_test
    from seqlang.host import load

    if "@" not in recipient.strip("@") or any(c in recipient for c in "\r\n "):
        raise UsageError(f"`{recipient}` is no address to send to")
    with opened(workspace) as store:
        answer = send_test(store, load(workspace.settings), workspace.settings, SystemClock(), name, step, recipient, contact)
    return f"sent to {recipient}" + (f": {answer}" if answer else "")
