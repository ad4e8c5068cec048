"""Every place where a name stands, and what it names: the ground of definition, references, rename, hover and colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqlang.diagnostics.source import Source, Span
from seqlang.editing.analysis import Analysis
from seqlang.editing.paths import find_in_text, walk_path
from seqlang.editing.symbols import Kind, Occurrence, Symbol, Where
from seqlang.frozen import replace
from seqlang.semantics.names import Names
from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.vocabulary.channels import OptionSpec
from seqlang.vocabulary.policies import Words

OUTSIDE = Where("contact")


def occurrences(analysis: Analysis, path: str) -> tuple[Occurrence, ...]:
    """Return all names of a file or template, in the order of the text."""
    module = analysis.module(path)
    if module is not None:
        walker = _Walker(analysis, module.source)
        for node in module.module.declarations:
            walker.visit(node, OUTSIDE)
        return tuple(sorted(walker.found, key=lambda o: (o.span.start, o.span.end)))
    source = analysis.source(path)
    return tuple(_placeholders(analysis.names, path, source.text, 0)) if source is not None else ()


def everywhere(analysis: Analysis, symbol: Symbol) -> Iterator[Occurrence]:
    """Yield all places of a symbol, in all files and templates."""
    paths = [m.source.path for m in analysis.text.modules]
    if symbol.kind in {"field", "record"}:
        paths += [f"templates/{name}" for name in analysis.text.templates]
    for path in paths:
        source = analysis.source(path)
        if source is not None and symbol.name in source.text:
            yield from (o for o in occurrences(analysis, path) if o.symbol == symbol)


def at(analysis: Analysis, path: str, offset: int) -> Occurrence | None:
    """Return the name at an offset: the shortest one that covers or touches it."""
    near = [o for o in occurrences(analysis, path) if o.span.start <= offset <= o.span.end]
    return min(near, key=lambda o: (o.span.end - o.span.start, o.declares), default=None)


def _placeholders(names: Names, path: str, text: str, shift: int) -> Iterator[Occurrence]:
    for place, parts in find_in_text(text):
        offset = place + shift
        for part, (kind, name, holder) in zip(parts, walk_path(names, "", parts, template=True), strict=False):
            yield Occurrence(Symbol(kind, name, holder), path, Span(offset, offset + len(part)), "placeholder")
            offset += len(part) + 1


class _Walker:
    """One file on its way through."""

    def __init__(self, analysis: Analysis, source: Source) -> None:
        self.analysis = analysis
        self.names: Names = analysis.names
        self.words: Words = analysis.text.words
        self.source = source
        self.found: list[Occurrence] = []

    # ------------------------------------------------------------------------------------- notes

    def note(self, kind: Kind, node: tree.Text | tree.Name | None, holder: str = "", *, whole: Node | None = None) -> None:
        """Note a name; `whole` is the declaration where this is one."""
        if node is None:
            return
        name = node.value if isinstance(node, tree.Text) else node.text
        quoted = isinstance(node, tree.Text)
        span = node.span
        raw = self.source.text[span.start : span.end]
        if len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in '"`' and not raw.startswith('"""'):
            span = Span(span.start + 1, span.end - 1)
        self.found.append(
            Occurrence(
                Symbol(kind, name, holder), self.source.path, span, "quoted" if quoted else "bare", whole is not None,
                whole.span if whole is not None else None,
            )
        )  # fmt: skip

    # ------------------------------------------------------------------------------------- visits

    def visit(self, node: Any, where: Where) -> None:
        """Note the names of a node and of what is in it."""
        if isinstance(node, tuple):
            for item in node:
                self.visit(item, where)
        elif isinstance(node, Node):
            method = getattr(self, f"_{type(node).__name__.lower()}", None)
            if method is not None:
                method(node, where)
            else:
                self.children(node, where)

    def children(self, node: Node, where: Where, *, without: tuple[str, ...] = ()) -> None:
        for key in type(node).__dataclass_fields__:
            if key not in without and key != "span":
                self.visit(getattr(node, key), where)

    def _let(self, node: tree.Let, where: Where) -> None:
        self.note("constant", node.name, whole=node)
        self.visit(node.value, where)

    def _record(self, node: tree.Record, where: Where) -> None:
        self.note("record", node.name, whole=node)
        for field in node.fields:
            self.note("field", field.name, node.name.text, whole=field)
            self.note("record", field.type.link)

    def _event(self, node: tree.Event, where: Where) -> None:
        self.note("event", node.name, whole=node)
        for field in node.properties:
            self.note("property", field.name, node.name.value, whole=field)

    def _listofrecords(self, node: tree.ListOfRecords, where: Where) -> None:
        self.note("list", node.name, whole=node)
        self.note("record", node.record)

    def _view(self, node: tree.View, where: Where) -> None:
        self.note("view", node.name, whole=node)
        self.note("record", node.record)
        self.visit(node.where, Where(node.record.text))

    def _calendar(self, node: tree.Calendar, where: Where) -> None:
        self.note("calendar", node.name, whole=node)

    def _flow(self, node: tree.Flow, where: Where) -> None:
        self.note("flow", node.name, whole=node)
        self.note("record", node.record)
        record = node.record.text if node.record is not None else "contact"
        self.visit(node.items, Where(record, node.name.value))

    def _owner(self, node: tree.Owner, where: Where) -> None:
        if isinstance(node.user, tree.Path):
            self.note("constant", node.user.names[0])

    def _step(self, node: tree.Step, where: Where) -> None:
        self.note("step", node.name, where.flow, whole=node)
        self.note("channel", node.channel)
        self.visit(node.timing, where)
        self.visit(node.when, where)
        channel = self.words.channel(node.channel.text)
        for option in node.options:
            self.note("option", option.name, node.channel.text)
            self.value(option.value, where, channel.option(option.name.text) if channel is not None else None)

    def value(self, value: Any, where: Where, spec: OptionSpec | None) -> None:
        """Note the names in the value of an option."""
        if isinstance(value, tree.Text):
            if spec is not None and spec.type == "template":
                self.note("template", value)
            else:
                self.text(value)
        elif isinstance(value, tree.ListOf):
            for item in value.items:
                self.value(item, where, spec)
        elif isinstance(value, tree.Choose):
            for case in value.cases:
                self.value(case.value, where, spec)
                self.visit(case.when, where)
        elif isinstance(value, tree.Path):
            word = value.text
            if spec is not None and (word in spec.words or spec.type in {"word", "words"} or word == "owner"):
                return
            if spec is not None and spec.type == "step":
                self.note("step", value.names[0], where.flow)
            else:
                self.visit(value, where)
        elif isinstance(value, tree.ObjectOf):
            for option in value.options:
                self.value(option.value, where, None)

    def text(self, node: tree.Text) -> None:
        """Note the placeholders of a text."""
        if "{{" in node.value or "{%" in node.value:
            raw = self.source.text[node.span.start : node.span.end]
            self.found += _placeholders(self.names, self.source.path, raw, node.span.start)

    def _path(self, node: tree.Path, where: Where) -> None:
        parts = tuple(name.text for name in node.names)
        for name, (kind, _, holder) in zip(node.names, walk_path(self.names, where.record, parts), strict=False):
            self.note(kind, name, holder)

    def _around(self, node: tree.Around, where: Where) -> None:
        origin = node.origin
        if isinstance(origin, tree.Path) and len(origin.names) == 1 and origin.text in self.analysis.steps(where.flow):
            self.note("step", origin.names[0], where.flow)
        else:
            self.visit(origin, where)

    # --------------------------------------------------------------------------------- conditions

    def _stepfact(self, node: tree.StepFact, where: Where) -> None:
        self.note("step", node.step, where.flow)

    def _outcome(self, node: tree.Outcome, where: Where) -> None:
        self.note("step", node.step, where.flow)

    def _with(self, node: tree.With, where: Where) -> None:
        self.note("record", node.record)
        self.visit(node.where, replace(where, record=node.record.text))

    def _happened(self, node: tree.Happened, where: Where) -> None:
        self.note("event", node.name)
        self.visit(node.where, replace(where, record=f"event:{node.name.value}"))

    def _count(self, node: tree.Count, where: Where) -> None:
        if isinstance(node.target, tree.Name):
            self.note("record", node.target)
        else:
            self.visit(node.target, where)
        self.visit(node.number, where)

    def _inview(self, node: tree.InView | tree.AudienceView, where: Where) -> None:
        self.note("view", node.view)

    _audienceview = _inview

    def _inlist(self, node: tree.InList, where: Where) -> None:
        self.note("list", node.list)

    def _insequence(self, node: tree.InSequence, where: Where) -> None:
        self.note("flow", node.name)

    def _tagged(self, node: tree.Tagged, where: Where) -> None:
        self.note("tag", node.tag)

    # --------------------------------------------------------------------------------- statements

    def _tag(self, node: tree.Tag, where: Where) -> None:
        self.named(node.tag, "tag", where)

    def _listchange(self, node: tree.ListChange, where: Where) -> None:
        self.named(node.list, "list", where)

    def _enrol(self, node: tree.Enrol, where: Where) -> None:
        self.named(node.flow, "flow", where)

    def named(self, value: Any, kind: Kind, where: Where) -> None:
        """Note the texts of a value that name something of a kind."""
        if isinstance(value, tree.Text):
            self.note(kind, value)
        elif isinstance(value, tree.Choose):
            for case in value.cases:
                self.named(case.value, kind, where)
                self.visit(case.when, where)
        else:
            self.visit(value, where)

    def _split(self, node: tree.Split, where: Where) -> None:
        self.note("split", node.name, where.flow, whole=node)
        for side in node.sides:
            self.note("side", side.name, where.flow, whole=side)
            self.visit(side.body, where)

    def _goal(self, node: tree.Goal, where: Where) -> None:
        self.note("goal", node.name, where.flow, whole=node)
        self.visit(node.when, where)
        self.visit(node.body, where)

    def _run(self, node: tree.Run | tree.Window, where: Where) -> None:
        self.note("calendar", node.calendar)

    _window = _run

    def _enterat(self, node: tree.EnterAt, where: Where) -> None:
        self.visit(node.moment, where)
        self.note("view", node.view)

    def _trigger(self, node: tree.Trigger, where: Where) -> None:
        if node.kind in {"entered", "exited"}:
            self.note("flow", node.text)
        self.children(node, where, without=("text",))

    def _moved(self, node: tree.Moved, where: Where) -> None:
        self.note("step", node.new, where.flow)

    # -------------------------------------------------------------------------------------- tests

    def _test(self, node: tree.Test, where: Where) -> None:
        from seqlang.editing.occurrences_tests import visit_test

        visit_test(self, node)
