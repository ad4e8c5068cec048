"""From the ledger to a channel: claim, look again, render, deliver, settle; to-dos, the outbox, test messages."""

from __future__ import annotations

from seqlang.dispatch.deliver import deliver
from seqlang.dispatch.outbox import OutboxLine, count_states, find_message, list_messages, settle_message
from seqlang.dispatch.records import Delivered
from seqlang.dispatch.todo_list import Todo, edit_todo, find_todo, finish_todo, list_todos, release_todo
from seqlang.dispatch.trial import send_test

__all__ = [
    "Delivered",
    "OutboxLine",
    "Todo",
    "count_states",
    "deliver",
    "edit_todo",
    "find_message",
    "find_todo",
    "finish_todo",
    "list_messages",
    "list_todos",
    "release_todo",
    "send_test",
    "settle_message",
]
