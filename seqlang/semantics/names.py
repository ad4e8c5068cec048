"""Every name of the project and what it stands for: collected once, asked by all checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqlang.diagnostics.diagnostic import Diagnostic, Related
from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.plan.conditions import Condition
from seqlang.semantics.declared import Declared
from seqlang.semantics.project import ProjectText
from seqlang.semantics.records import read_catalogue
from seqlang.semantics.report import Reporter
from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.vocabulary.records import USER, Catalogue, EventSpec, FieldSpec, RecordSpec


class Asked(Record):
    """A condition that a file asks."""

    report: Reporter
    node: Node
    condition: Condition
    step: tree.Step | None  # whose `when` it is


class Names(Record):
    """All that a project declares. `used` and `asked` note what the checks come by, for the warnings at the end."""

    catalogue: Catalogue
    records: Mapping[str, RecordSpec]  # user included
    fields: Mapping[str, Mapping[str, FieldSpec]]  # record -> name -> field
    events: Mapping[str, EventSpec]
    views: Mapping[str, Declared[tree.View]]
    lists: Mapping[str, Declared[tree.ListOfRecords]]
    calendars: Mapping[str, Declared[tree.Calendar]]
    lets: Mapping[str, Declared[tree.Let]]
    flows: Mapping[str, Declared[tree.Flow]]
    used: set[tuple[str, str]]  # ("view" | "list" | "calendar", name)
    asked: list[Asked]  # conditions that are right, as they were read

    def link_to(self, record: str, target: str) -> str | None:
        """Return the link field of `record` that leads to `target`, or None: the one of the target's name, else the first."""
        links = [f.name for f in self.fields.get(record, {}).values() if f.link == target]
        return target if target in links else (links[0] if links else None)


_KINDS: tuple[tuple[type[Node], str, str], ...] = (
    (tree.View, "view", "SEQ201"),
    (tree.ListOfRecords, "list", "SEQ201"),
    (tree.Calendar, "calendar", "SEQ201"),
    (tree.Event, "event", "SEQ201"),
    (tree.Let, "constant", "SEQ201"),
    (tree.Flow, "flow", "SEQ201"),
)


def collect_names(text: ProjectText, sink: list[Diagnostic]) -> Names:
    """Read all declarations of the project; two of one name are an error at the second."""
    found: dict[str, dict[str, Declared[Any]]] = {word: {} for _, word, _ in _KINDS}
    records: list[Declared[tree.Record]] = []
    for module in text.modules:
        report = Reporter(module.source, sink)
        for node in module.module.declarations:
            if isinstance(node, tree.Record):
                records.append(Declared(node, module.source))
            for kind, word, code in _KINDS:
                if isinstance(node, kind):
                    _declare(report, found[word], word, code, node)
    brought = _of_plugins(text, found["view"])
    events = list(found["event"].values())
    catalogue = read_catalogue(records, events, found["list"].values(), sink)
    known = {r.name: r for r in (*catalogue.records, USER)}
    return Names(
        catalogue=catalogue,
        records=known,
        fields={name: {f.name: f for f in r.fields} for name, r in known.items()},
        events={e.name: e for e in catalogue.events},
        views=found["view"],
        lists=found["list"],
        calendars=found["calendar"],
        lets=found["constant"],
        flows=found["flow"],
        used={("view", name) for name in brought},
        asked=[],
    )


def _of_plugins(text: ProjectText, views: dict[str, Declared[Any]]) -> list[str]:
    """Add the conditions of plugins that the project asks for to its views, and return their names."""
    wanted = [
        f for f in text.words.functions
        if f.name not in views and any(f'"{f.name}"' in module.source.text for module in text.modules)
    ]  # fmt: skip
    for function in wanted:
        from seqlang.syntax.parse import parse  # few projects ask for them

        words = f'view "{function.name}" of {function.record} where {function.where}\n'
        source = Source(f"plugin condition {function.name}", words)
        for node in parse(source).module.declarations:
            if isinstance(node, tree.View):
                views[function.name] = Declared(node, source)
    return [f.name for f in wanted]


def name_node(node: Node) -> tree.Text | tree.Name:
    """Return the name of a declaration."""
    name: tree.Text | tree.Name = node.name  # type: ignore[attr-defined]
    return name


def _declare(report: Reporter, into: dict[str, Declared[Any]], word: str, code: str, node: Node) -> None:
    at = name_node(node)
    name = at.value if isinstance(at, tree.Text) else at.text
    if not name.strip():
        report.error("SEQ202", at, f"a {word} needs a name")
        return
    first = into.get(name)
    if first is None:
        into[name] = Declared(node, report.source)
        return
    report.error(
        code,
        at,
        f"there is already a {word} `{name}`",
        hint="give one of them another name",
        related=(Related("the first one", first.source, name_node(first.node).span),),
    )
