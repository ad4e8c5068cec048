"""From what `seqlang.editing` says to what the protocol says."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

from lsprotocol import types
from pygls import uris

from seqlang.diagnostics.diagnostic import Diagnostic, Edit
from seqlang.diagnostics.source import Span
from seqlang.editing.colours import MODIFIERS, TYPES, Colour
from seqlang.editing.offers import ItemKind, Proposal, Proposals
from seqlang.editing.places import Places
from seqlang.editing.structure import Entry, Fold, OutlineKind

ITEM_KINDS: dict[ItemKind, types.CompletionItemKind] = {
    "word": types.CompletionItemKind.Keyword, "snippet": types.CompletionItemKind.Snippet,
    "field": types.CompletionItemKind.Field, "record": types.CompletionItemKind.Struct,
    "step": types.CompletionItemKind.Function, "flow": types.CompletionItemKind.Class,
    "view": types.CompletionItemKind.Interface, "list": types.CompletionItemKind.Interface,
    "calendar": types.CompletionItemKind.Interface, "event": types.CompletionItemKind.Event,
    "constant": types.CompletionItemKind.Constant, "template": types.CompletionItemKind.File,
    "channel": types.CompletionItemKind.Module, "option": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember, "user": types.CompletionItemKind.Variable,
    "zone": types.CompletionItemKind.Value, "who": types.CompletionItemKind.Variable, "tag": types.CompletionItemKind.Value,
    "side": types.CompletionItemKind.EnumMember, "split": types.CompletionItemKind.Class,
    "type": types.CompletionItemKind.TypeParameter,
}  # fmt: skip
OUTLINE_KINDS: dict[OutlineKind, types.SymbolKind] = {
    "record": types.SymbolKind.Struct, "field": types.SymbolKind.Field, "list": types.SymbolKind.Array,
    "event": types.SymbolKind.Event, "view": types.SymbolKind.Interface, "calendar": types.SymbolKind.Interface,
    "constant": types.SymbolKind.Constant, "flow": types.SymbolKind.Class, "step": types.SymbolKind.Function,
    "split": types.SymbolKind.Enum, "side": types.SymbolKind.EnumMember, "goal": types.SymbolKind.Property,
    "test": types.SymbolKind.Method,
}  # fmt: skip


def uri_of(folder: Path, path: str) -> str:
    """Return the URI of a file of a project."""
    return uris.from_fs_path(str(folder / path)) or ""


def range_of(places: Places, span: Span) -> types.Range:
    """Return a span as lines and columns."""
    start, end = places.position(span.start), places.position(span.end)
    return types.Range(types.Position(*start), types.Position(*end))


def span_of(places: Places, given: types.Range) -> Span:
    """Return a range as a span."""
    return Span(places.offset(given.start.line, given.start.character), places.offset(given.end.line, given.end.character))


def edit_of(places: Places, edit: Edit) -> types.TextEdit:
    """Return an edit."""
    return types.TextEdit(range_of(places, edit.span), edit.text)


def diagnostic_of(places: Places, one: Diagnostic, folder: Path) -> types.Diagnostic:
    """Return a diagnostic; its hint stands below its message, related places beside it."""
    severity = types.DiagnosticSeverity.Error if one.severity == "error" else types.DiagnosticSeverity.Warning
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri_of(folder, r.source.path), range_of(Places(r.source.text, places.encoding), r.span)), r.message
        )
        for r in one.related
    ]
    message = one.message if one.hint is None else f"{one.message}\n{one.hint}"
    return types.Diagnostic(
        range=range_of(places, one.span), message=message, severity=severity, code=one.code, source="seqlang",
        related_information=related or None,
    )  # fmt: skip


def completion_of(places: Places, found: Proposals) -> types.CompletionList:
    """Return proposals, in their order."""
    where = range_of(places, found.replace)
    return types.CompletionList(is_incomplete=False, items=[_item(p, where, n) for n, p in enumerate(found.items)])


def _item(proposal: Proposal, where: types.Range, number: int) -> types.CompletionItem:
    snippet = proposal.kind == "snippet"
    return types.CompletionItem(
        label=proposal.label,
        kind=ITEM_KINDS[proposal.kind],
        detail=proposal.detail or None,
        documentation=types.MarkupContent(types.MarkupKind.Markdown, proposal.text) if proposal.text else None,
        sort_text=f"{number:04}",
        filter_text=proposal.label,
        insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(where, proposal.insert or proposal.label),
    )


def outline_of(places: Places, entries: tuple[Entry, ...]) -> list[types.DocumentSymbol]:
    """Return an outline."""
    return [
        types.DocumentSymbol(
            name=e.name,
            kind=OUTLINE_KINDS[e.kind],
            range=range_of(places, e.span),
            selection_range=range_of(places, e.name_span),
            detail=e.detail,
            children=outline_of(places, e.inside),
        )
        for e in entries
    ]


def fold_of(places: Places, fold: Fold) -> types.FoldingRange:
    """Return what can be folded; the line with the closing bracket stays."""
    first, last = places.position(fold.start)[0], places.position(fold.end)[0]
    kind = types.FoldingRangeKind.Comment if fold.comment else types.FoldingRangeKind.Region
    return types.FoldingRange(first, last if fold.comment else max(first, last - 1), kind=kind)


def colours_of(places: Places, found: tuple[Colour, ...]) -> types.SemanticTokens:
    """Return colours as the protocol packs them: five numbers each, relative to the one before."""
    data: list[int] = []
    line = column = 0
    for one in found:
        at_line, at_column = places.position(one.span.start)
        modifiers = sum(1 << MODIFIERS.index(m) for m in one.modifiers)
        length = places.length(one.span.start, one.span.end)
        data += [at_line - line, at_column - column if at_line == line else at_column, length, TYPES.index(one.type), modifiers]
        line, column = at_line, at_column
    return types.SemanticTokens(data)


def difference(places: Places, before: str, after: str) -> list[types.TextEdit]:
    """Return edits of whole lines that make `after` of `before`, so that an editor keeps its cursor."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    edits = []
    for word, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if word != "equal":
            start, end = sum(map(len, old[:a])), sum(map(len, old[:b]))
            edits.append(types.TextEdit(range_of(places, Span(start, end)), "".join(new[c:d])))
    return edits
