"""The outline of a file, and what can be folded in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.syntax import tree
from seqlang.syntax.scan import scan

OutlineKind = Literal[
    "record", "field", "list", "event", "view", "calendar", "constant", "flow", "step", "split", "side", "goal", "test",
]  # fmt: skip


class Entry(Record):
    """One entry of the outline."""

    name: str
    kind: OutlineKind
    detail: str
    span: Span  # the whole
    name_span: Span
    inside: tuple[Entry, ...] = ()


class Fold(Record):
    """Lines that can be folded: from the line of `start` to the one before that of `end`."""

    start: int  # offsets
    end: int
    comment: bool = False


def outline(module: tree.Module) -> tuple[Entry, ...]:
    """Return the declarations of a file, with what is in them."""
    return tuple(_declaration(node) for node in module.declarations)


def _declaration(node: tree.Declaration) -> Entry:
    match node:
        case tree.Flow():
            detail = node.kind + (f" for {node.record.text}" if node.record is not None else "")
            return _entry(node, node.name.value, "flow", detail, _inside(node.items))
        case tree.Record():
            fields = tuple(_entry(f, f.name.text, "field", f.type.name.text) for f in node.fields)
            return _entry(node, node.name.text, "record", "record", fields)
        case tree.Event():
            fields = tuple(_entry(f, f.name.text, "field", f.type.name.text) for f in node.properties)
            return _entry(node, node.name.value, "event", "event", fields)
        case tree.Let():
            return _entry(node, node.name.text, "constant", "let")
        case tree.View():
            return _entry(node, node.name.value, "view", f"view of {node.record.text}")
        case tree.ListOfRecords():
            return _entry(node, node.name.value, "list", f"list of {node.record.text}")
        case tree.Calendar():
            return _entry(node, node.name.value, "calendar", "calendar")
        case tree.Test():
            return _entry(node, node.name.value, "test", "test")


def _inside(items: tuple[Any, ...]) -> tuple[Entry, ...]:
    return tuple(_statements(items))


def _statements(items: tuple[Any, ...]) -> Iterator[Entry]:
    for item in items:
        match item:
            case tree.Step():
                yield _entry(item, item.name.text, "step", item.channel.text)
            case tree.Goal():
                yield _entry(item, item.name.value, "goal", "goal")
            case tree.Split():
                named = ((side, side.name.value) for side in item.sides if side.name is not None)
                sides = tuple(_entry(s, name, "side", f"{s.share.value:g}%", _inside(s.body)) for s, name in named)
                yield _entry(item, item.name.value, "split", "split", sides)
            case tree.If():
                for branch in item.branches:
                    yield from _statements(branch.body)
                yield from _statements(item.otherwise or ())
            case _:
                continue


def _entry(node: Any, name: str, kind: OutlineKind, detail: str, inside: tuple[Entry, ...] = ()) -> Entry:
    return Entry(name or "?", kind, detail, node.span, node.name.span, inside)


def folds(source: Source) -> tuple[Fold, ...]:
    """Return what can be folded: blocks and lists over several lines, long texts, comments of several lines."""
    scanned = scan(source)
    found: list[Fold] = []
    open_: list[int] = []
    for token in scanned.tokens:
        if token.kind in "{[(":
            open_.append(token.start)
        elif token.kind in "}])" and open_:
            found.append(Fold(open_.pop(), token.start))
        elif token.kind == "STRING" and "\n" in token.text:
            found.append(Fold(token.start, token.end))
    run: list[int] = []
    for comment in scanned.comments:
        line = source.position(comment.start)[0]
        if run and (line != source.position(run[-1])[0] + 1 or not comment.fresh):
            found += _comments(run)
            run = []
        if comment.fresh:
            run.append(comment.start)
    found += _comments(run)
    lines = source.position
    return tuple(sorted((f for f in found if lines(f.start)[0] < lines(f.end)[0]), key=lambda f: f.start))


def _comments(run: list[int]) -> list[Fold]:
    return [Fold(run[0], run[-1] + 1, comment=True)] if len(run) > 1 else []
