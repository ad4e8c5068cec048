"""Records, fields, events and lists: declarations to the catalogue that `apply` makes the store fit (LANGUAGE 2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast, get_args

from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix, Related
from seqlang.semantics.declared import Declared
from seqlang.semantics.moments import read_date, read_instant
from seqlang.semantics.report import Reporter, nearest, surely
from seqlang.syntax import tree
from seqlang.vocabulary.records import BUILT_IN, Catalogue, EventSpec, FieldSpec, FieldType, ListSpec, RecordSpec

TYPES: tuple[str, ...] = ("text", "number", "boolean", "date", "datetime", "choice", "email", "phone", "url")
# What every record that a project declares has besides its own fields: a name to find it by, and when it came and changed.
OWN_FIELDS = (
    FieldSpec(name="name", type="text", built_in=True),
    FieldSpec(name="created_at", type="datetime", built_in=True),
    FieldSpec(name="updated_at", type="datetime", built_in=True),
)
assert set(TYPES) <= set(get_args(FieldType))


def read_catalogue(
    records: Iterable[Declared[tree.Record]],
    events: Iterable[Declared[tree.Event]],
    lists: Iterable[Declared[tree.ListOfRecords]],
    sink: list[Diagnostic],
) -> Catalogue:
    """Return all records (built-in ones first), events and lists, in the order of files and places."""
    declared = list(records)
    known: dict[str, dict[str, FieldSpec]] = {r.name: {f.name: f for f in r.fields} for r in BUILT_IN}
    names = [*known, *dict.fromkeys(d.node.name.text for d in declared if d.node.name.text not in known)]
    places: dict[tuple[str, str], Related] = {}
    for item in declared:
        report = Reporter(item.source, sink)
        name = item.node.name
        if name.text == "user":
            report.error(
                "SEQ203",
                name,
                "`user` is built in and cannot be extended",
                hint="colleagues are listed as `[[users]]` in `seqlang.toml`",
            )
            continue
        if name.text not in known:
            _like_built_in(report, name)
        fields = known.setdefault(name.text, {f.name: f for f in OWN_FIELDS})
        for node in item.node.fields:
            _extend(report, name.text, fields, places, node, names)
    keys = {r.name: r.key for r in BUILT_IN}
    specs = tuple(RecordSpec(name=n, key=keys.get(n, "name"), fields=tuple(known[n].values())) for n in known)
    return Catalogue(
        records=specs,
        events=tuple(_event(e, sink, names) for e in events),
        lists=tuple(_list(item, sink, names) for item in lists),
    )


def _like_built_in(report: Reporter, name: tree.Name) -> None:
    """Warn of a new record that bears nearly the name of a built-in one: its fields are missed there."""
    pool = [r.name for r in BUILT_IN]
    near = nearest(name.text, pool)
    if near is not None and surely(name.text, near, pool):
        fix = Fix(f"write `{near}`", (Edit(name.span, near),))
        message = f"`{name.text}` is a new record, and nearly has the name of `{near}`"
        report.warning("SEQ225", name, message, hint=f"did you mean `{near}`?", fix=fix)


def _extend(
    report: Reporter,
    record: str,
    fields: dict[str, FieldSpec],
    places: dict[tuple[str, str], Related],
    node: tree.Field,
    records: list[str],
) -> None:
    name = node.name.text
    spec = read_field(report, node, records)
    before = fields.get(name)
    if (record, name) in places:
        report.error("SEQ204", node.name, f"{record} already has a field `{name}`", related=(places[record, name],))
        return
    places[record, name] = Related("the first one", report.source, node.name.span)
    if spec is None:
        fields.setdefault(name, FieldSpec(name=name, type="text"))  # so that its uses are not reported as well
        return
    if before is None:
        fields[name] = spec
        return
    narrowed = before.type == "text" and spec.type == "choice"
    if before.engine or not (narrowed or (spec.type == before.type and spec.link == before.link)):
        kind = f"link to {before.link}" if before.link else before.type
        report.error(
            "SEQ205",
            node.type,
            f"`{name}` of {record} is built in as a {kind}",
            hint="a text may be narrowed to a `choice`; nothing else may change" if before.type == "text" else None,
        )
        return
    fields[name] = spec.model_copy(update={"built_in": True})


def read_field(report: Reporter, node: tree.Field, records: list[str]) -> FieldSpec | None:
    """Return the field of a record, or property of an event, that a line declares."""
    word = node.type.name.text
    link: str | None = None
    choices: tuple[str, ...] = ()
    if word == "link":
        target = node.type.link
        if target is None:
            return None
        if target.text not in (*records, "user"):
            report.unknown("SEQ206", target, f"there is no record `{target.text}`", target.text, (*records, "user"))
            return None
        link = target.text
    elif word == "user":
        word, link = "link", "user"
    elif word not in TYPES:
        report.unknown(
            "SEQ206",
            node.type.name,
            f"`{word}` is not a type",
            word,
            (*TYPES, "link"),
            none=f"types are {', '.join(TYPES)} and link",
        )
        return None
    if word == "choice":
        choices = _choices(report, node)
        if not choices:
            return None
    spec = FieldSpec(name=node.name.text, type=cast("FieldType", word), choices=choices, link=link)
    if node.default is None:
        return spec
    default = _default(report, spec, node.default)
    return None if default is None else spec.model_copy(update={"default": default})


def _choices(report: Reporter, node: tree.Field) -> tuple[str, ...]:
    texts = node.type.choices or ()
    if not texts:
        report.error(
            "SEQ207",
            node.type,
            f"the choice `{node.name.text}` has no values",
            hint='write them behind the word: `choice ["a", "b"]`',
        )
    seen: dict[str, tree.Text] = {}
    for text in texts:
        if text.value in seen:
            report.error("SEQ207", text, f"`{text.value}` is twice among the values")
        elif not text.value:
            report.error("SEQ207", text, "a value of a choice cannot be empty", hint="an empty field needs no value of its own")
        else:
            seen[text.value] = text
    return tuple(seen)


def _default(report: Reporter, spec: FieldSpec, value: tree.Value) -> str | bool | int | float | None:
    match spec.type, value:
        case (("text" | "email" | "phone" | "url"), tree.Text()):
            return value.value
        case "choice", tree.Text():
            if value.value in spec.choices:
                return value.value
            report.unknown(
                "SEQ303", value, f"`{value.value}` is not one of the values of `{spec.name}`", value.value, spec.choices
            )
            return None
        case "number", tree.Number():
            return value.value
        case "boolean", tree.Truth():
            return value.value
        case "date", tree.Date():
            day = read_date(report, value)
            return day.isoformat() if day else None
        case "datetime", (tree.Instant() | tree.Date()):
            at = read_instant(report, value, "UTC")
            return at.isoformat() if at else None
        case _:
            report.error("SEQ302", value, f"the default of `{spec.name}` must be a {spec.type}")
            return None


def _event(item: Declared[tree.Event], sink: list[Diagnostic], records: list[str]) -> EventSpec:
    report = Reporter(item.source, sink)
    found: dict[str, FieldSpec] = {}
    for node in item.node.properties:
        spec = read_field(report, node, records)
        if node.name.text in found:
            report.error("SEQ204", node.name, f"the event already has a property `{node.name.text}`")
        elif spec is not None and spec.link is not None:
            report.error("SEQ206", node.type, "a property of an event cannot be a link", hint="write its key as a text")
        else:
            found[node.name.text] = spec or FieldSpec(name=node.name.text, type="text")
    return EventSpec(name=item.node.name.value, properties=tuple(found.values()))


def _list(item: Declared[tree.ListOfRecords], sink: list[Diagnostic], records: list[str]) -> ListSpec:
    record = item.node.record
    if record.text not in records:
        Reporter(item.source, sink).unknown("SEQ206", record, f"there is no record `{record.text}`", record.text, records)
        return ListSpec(name=item.node.name.value, record="contact")
    return ListSpec(name=item.node.name.value, record=record.text)
