"""From the ledger to a channel: claim, look again, render, deliver, settle; to-dos, the outbox, test messages."""

from __future__ import annotations

from seqlang.dispatch.deliver import deliver
from seqlang.dispatch.records import Delivered

__all__ = ["Delivered", "deliver"]
