"""Statements other than steps: what changes a record, its tags and lists, and who is in which flow (LANGUAGE 5.7)."""

from __future__ import annotations

from typing import Any

from seqlang.plan.model import ActNode
from tests.oracle.asking import Asked, value_of
from tests.oracle.world import Changed, Record, Stay, World


def run_block(world: World, stay: Stay, first: str | None) -> None:
    """Carry out the statements of a block on the way out; a `move` there only enters."""
    key = first
    while key is not None:
        node = stay.flow.node(key)
        assert isinstance(node, ActNode)
        if node.act == "exit":
            return
        world.tell(stay, "executed", step=node.word)
        act(world, stay, node)
        key = node.next


def act(world: World, stay: Stay, node: ActNode) -> None:
    """Change what a statement changes; its line is the caller's."""
    value: Any = value_of(node.value, Asked(world, stay.flow, stay.record, stay))
    record = stay.record
    match node.act:
        case "set" | "assign":
            write(world, record, node.field.field if node.field else "owner", value, stay.flow.name)
        case "add":
            assert node.field is not None
            had: Any = record.values.get(node.field.field) or 0
            write(world, record, node.field.field, had + value, stay.flow.name)
        case "round robin":
            able = [user for user in value if (known := world.find("user", user)) is not None and known.values.get("active")]
            if able:
                turn = world.turns.get((stay.flow.name, node.key), 0)
                world.turns[stay.flow.name, node.key] = turn + 1
                write(world, record, node.field.field if node.field else "owner", able[turn % len(able)], stay.flow.name)
        case "tag":
            note(world, record, record.tags, value, stay.flow.name, add=True)
        case "untag":
            note(world, record, record.tags, value, stay.flow.name, add=False)
        case "list":
            note(world, record, record.lists, value, stay.flow.name, add=True)
        case "unlist":
            note(world, record, record.lists, value, stay.flow.name, add=False)
        case "enroll" | "remove" | "move":
            other(world, stay, node.act, str(value))
        case "exit":
            pass


def write(world: World, record: Record, field: str, value: Any, by: str | None) -> None:
    """Set a field; setting the same value triggers nothing."""
    if record.values.get(field) == value:
        return
    world.written.append((world.told_at or world.now, record, field, record.values.get(field)))
    record.values[field] = value
    world.touch(record)
    if field == "contact":  # mail goes to the deal's contact, whoever that is by now
        for stay in world.stays:
            if stay.active and stay.record is record:
                stay.contact = world.contact_of(record)
    world.changes.append(Changed("updated", record, field, value, by))


def note(world: World, record: Record, among: set[str], word: str, by: str, *, add: bool) -> None:
    """Put a tag or list on a record, or take it away."""
    if (word in among) is add:
        return
    among.symmetric_difference_update({word})
    world.touch(record)
    world.changes.append(Changed("marked", record, word, add, by))


def other(world: World, stay: Stay, what: str, name: str) -> None:
    """Ask another flow to take the record in, or end its stay there."""
    flow = world.flow(name)
    if flow is None or world.states.get(name) == "archived":
        return
    record = stay.record if flow.subject == stay.record.type else stay.contact
    if record is None:
        return
    if what in {"enroll", "move"}:
        world.requests.append((name, record, stay.flow.name if what == "move" else "", world.now))
        world.changes.append(Changed("asked", record, name, by=stay.flow.name))
        return
    from tests.oracle.leaving import leave

    world.requests = [request for request in world.requests if request[:2] != (name, record)]  # who is asked for is as good as in
    for there in world.stays_in(flow):
        if there.record is record:
            leave(world, there, "removed")
