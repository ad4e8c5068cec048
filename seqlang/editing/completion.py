"""What may be written at the cursor: words that the grammar takes there, and names of the project that fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from seqlang.diagnostics.source import Span
from seqlang.editing.analysis import Analysis
from seqlang.editing.context import Context, context_at, in_comment, template_context
from seqlang.editing.offers import Proposal, Proposals
from seqlang.editing.proposals import names_at, texts_at
from seqlang.semantics.kinds import IN_BLOCKS, SETTINGS, STATEMENTS
from seqlang.syntax.node import Node
from seqlang.vocabulary.words import meanings, snippets

Table = Mapping[type[Node], tuple[str, tuple[str, ...], str | None]]
FLOW_WORDS = ("classic", "smart", "outbound", "cadence", "workflow", "journey")


def complete(analysis: Analysis, path: str, text: str, offset: int) -> Proposals:
    """Return what may be written at an offset of `text`, which may be newer than the analysis."""
    if path.startswith("templates/"):
        context = template_context(text, offset)
        return Proposals((), Span(offset, offset)) if context is None else _proposals(context, texts_at(analysis, context))
    if in_comment(text, offset):
        return Proposals((), Span(offset, offset))
    context = context_at(text, offset)
    if context.quoted:
        return _proposals(context, texts_at(analysis, context))
    return _proposals(context, [*names_at(analysis, context, text), *_words(context)])


def _proposals(context: Context, found: Iterable[Proposal]) -> Proposals:
    """Leave out doubles and what does not begin as typed (case and place of the letters do not matter: editors filter)."""
    start = context.prefix.strip("`").casefold()[:1]
    items: dict[tuple[str, str], Proposal] = {}
    for item in found:
        if not start or start in item.label.casefold():
            items.setdefault((item.label, "snippet" if item.kind == "snippet" else ""), item)
    typed = context.prefix.strip("`").casefold()
    return Proposals(tuple(sorted(items.values(), key=lambda i: not i.label.casefold().startswith(typed))), context.replace)


def _words(context: Context) -> Iterator[Proposal]:
    """Yield the words of the language that the grammar takes here and the kind of flow knows."""
    known = meanings()
    head = context.head(*FLOW_WORDS)
    directly = bool(context.blocks) and context.blocks[-1].head[:1] != () and context.blocks[-1].head[0] in FLOW_WORDS
    kind = head[0] if head is not None else None
    for word in sorted(context.accepted):
        if not word.isalpha() or not word.islower():
            continue
        if context.fresh and kind is not None and word not in _allowed(context, kind, directly=directly):
            continue
        if context.fresh and (not context.blocks or directly or context.head("if", "split", "else")):
            yield from (one for one in _snippets(word, kind) if directly or not context.blocks or one.label != "exit when")
        meaning = known.get(word)
        text = meaning.text + (f"\n\n```seq\n{meaning.example}\n```" if meaning.example else "") if meaning is not None else ""
        yield Proposal(word, "word", text=text)


def _snippets(word: str, kind: str | None) -> Iterator[Proposal]:
    for one in snippets():
        if one.word == word and (kind in one.kinds if one.kinds else kind is None):
            yield Proposal(one.label, "snippet", "snippet", f"```seq\n{one.text}\n```", one.text)


def _allowed(context: Context, kind: str, *, directly: bool) -> frozenset[str] | set[str]:
    """Return the words that may begin a statement here, by the kind of flow; everything where no statement begins."""
    inner = context.blocks[-1].head[0] if context.blocks and context.blocks[-1].head else ""
    if directly:
        return _beginnings(kind, SETTINGS) | _beginnings(kind, STATEMENTS)
    if inner in {"exit", "goal"}:
        return _beginnings("workflow", {k: v for k, v in STATEMENTS.items() if k in IN_BLOCKS})
    if inner in {"if", "else", "}"} or inner[:1].isdigit():
        return _beginnings(kind, STATEMENTS) | {"else", "if"}
    return context.accepted


def _beginnings(kind: str, table: Table) -> set[str]:
    """Return the first words of the statements of a table that a kind of flow knows."""
    several = {"list": ("add", "remove"), "tag": ("tag", "untag"), "enroll": ("enroll", "remove", "move")}
    return {word for first, kinds, _ in table.values() if kind in kinds for word in several.get(first, (first.split()[0],))}
