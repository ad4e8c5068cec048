"""`[sources.NAME]` of the settings against what plugins say of their kinds of sources, and against the project's records."""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.semantics.left_out import may_bring_it
from seqlang.semantics.names import Names
from seqlang.semantics.policies import settings_place, settings_source
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter
from seqlang.semantics.settings_fit import check_table, place_in
from seqlang.vocabulary.plugging import SourceSpec
from seqlang.vocabulary.settings import SourceEntry

COMMON = ("kind", "as", "key", "every", "tags", "lists", "set", "map")
SPECIAL = ("", "id", "tags", "lists")  # what a column may be beside a field


def check_sources(text: ProjectText, names: Names, sink: list[Diagnostic]) -> None:
    """Report kinds that no plugin brings, keys that a kind does not have, and fields that the record does not have."""
    if not text.settings.sources:
        return
    report = Reporter(settings_source(text), sink)
    kinds = {spec.word: spec for spec in text.words.sources}
    for name, entry in text.settings.sources.items():
        spec = kinds.get(entry.kind)
        if spec is None:
            at = settings_place(text, "sources", name, "kind")
            told, none = f"there is no source of the kind `{entry.kind}`", may_bring_it(text.words)
            report.unknown("SEQ809", at, told, entry.kind, kinds, text=True, none=none)
        else:
            _check_keys(text, report, name, entry, spec)
        _check_fields(text, report, names, name, entry)


def _check_keys(text: ProjectText, report: Reporter, name: str, entry: SourceEntry, spec: SourceSpec) -> None:
    place, kind = place_in(text, "sources", name), f"a source of the kind {spec.word}"
    check_table(report, place, spec.settings, entry.values, kind, f"the source `{name}`", COMMON)


def _check_fields(text: ProjectText, report: Reporter, names: Names, name: str, entry: SourceEntry) -> None:
    record = names.records.get(entry.record)
    if record is None or entry.record == "user":
        pool = [r for r in names.records if r != "user"]
        at = settings_place(text, "sources", name, "as")
        report.unknown("SEQ206", at, f"there is no record `{entry.record}`", entry.record, pool, text=True)
        return
    fields = [f.name for f in record.fields]
    wanted = [("key", "key", entry.key)] if entry.key is not None else []
    wanted += [("set", field, field) for field in entry.sets]
    wanted += [("map", column, field) for column, field in entry.maps.items() if field not in SPECIAL]
    for key, inner, field in wanted:
        if field is not None and record.field(field) is None:
            at = settings_place(text, "sources", name, key) if key == "key" else settings_place(text, "sources", name, key, inner)
            report.unknown("SEQ211", at, f"a {entry.record} has no field `{field}`", field, fields, text=True)
