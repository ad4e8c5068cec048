"""How a check says what is wrong: one reporter for each source, one list for the project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix, Related
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.syntax import tree
from seqlang.syntax.node import Node


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like `name`, or None where none is alike."""
    import difflib

    by_fold = {c.casefold(): c for c in sorted(candidates, reverse=True)}
    fold = name.casefold()
    if fold in by_fold:
        return by_fold[fold]
    close = difflib.get_close_matches(fold, by_fold, n=1, cutoff=0.6)
    if close:
        return by_fold[close[0]]
    starts = [c for f, c in by_fold.items() if len(fold) >= 3 and (f.startswith(fold) or (fold.startswith(f) and len(f) >= 3))]
    if starts:
        return min(starts)
    inside = [c for f, c in by_fold.items() if len(fold) >= 3 and fold in f]
    return min(inside, key=len) if inside else None


def surely(name: str, near: str, pool: Iterable[str]) -> bool:
    """Return whether `name` can only be a slip of the hand for `near`: they differ little, and nothing else is like it."""
    import difflib

    def alike(other: str) -> float:
        return difflib.SequenceMatcher(None, name.casefold(), other.casefold()).ratio()

    return alike(near) >= 0.8 and all(alike(other) < 0.7 for other in pool if other != near)


def bare(name: str) -> str:
    """Return `name` as a file writes it: in backticks where it is not a plain word."""
    return name if name.isidentifier() else f"`{name}`"


def quoted(text: str) -> str:
    """Return `text` as a text literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def exchange(source: Source, one: Node, other: Node) -> Fix:
    """Return the fix that writes each of two values in the place of the other."""
    first, second = source.text[one.span.start : one.span.end], source.text[other.span.start : other.span.end]
    return Fix(f"write `{second}` before `{first}`", (Edit(one.span, second), Edit(other.span, first)))


def listing(names: Iterable[str], most: int = 6) -> str:
    """Return some names for a hint: "`a`, `b` and 3 more"."""
    items = list(names)
    shown = ", ".join(f"`{n}`" for n in items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"


def joined(words: Sequence[str]) -> str:
    """Return some words as a sentence has them: "a, b and c"."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


class Reporter(Record):
    """Notes the mistakes of one source; a silent one forgets them (what is read a second time is reported once)."""

    source: Source
    sink: list[Diagnostic] | None

    def silent(self) -> Reporter:
        """Return a reporter of the same source that forgets."""
        return Reporter(self.source, None)

    def at(self, source: Source) -> Reporter:
        """Return a reporter of another source into the same list."""
        return Reporter(source, self.sink)

    def error(
        self,
        code: str,
        at: Node | Span,
        message: str,
        *,
        hint: str | None = None,
        fix: Fix | None = None,
        related: tuple[Related, ...] = (),
    ) -> None:
        """Note an error."""
        if self.sink is not None:
            self.sink.append(Diagnostic(code, "error", message, self.source, _span(at), hint or _usual(code), fix, related))

    def warning(
        self,
        code: str,
        at: Node | Span,
        message: str,
        *,
        hint: str | None = None,
        fix: Fix | None = None,
        related: tuple[Related, ...] = (),
    ) -> None:
        """Note a warning."""
        if self.sink is not None:
            self.sink.append(Diagnostic(code, "warning", message, self.source, _span(at), hint or _usual(code), fix, related))

    def unknown(
        self,
        code: str,
        at: Node | Span,
        message: str,
        name: str,
        candidates: Iterable[str],
        *,
        text: bool | None = None,
        none: str | None = None,
        warn: bool = False,
    ) -> None:
        """Note a name that does not exist, with the nearest one as a fix.

        `text`: the name is written in quotes (None: as the node says); `none`: the hint where nothing is near.
        """
        if self.sink is None:
            return
        pool = list(candidates)
        near = nearest(name, pool)
        hint, fix = none, None
        if near is not None:
            as_text = isinstance(at, tree.Text) if text is None else text
            written = quoted(near) if as_text else bare(near)
            hint = f"did you mean `{near}`?"
            fix = Fix(f"write `{near}`", (Edit(_span(at), written),), safe=not warn and surely(name, near, pool))
        elif none is None and pool:
            hint = f"there are {listing(sorted(pool))}" if len(pool) > 1 else f"there is `{pool[0]}`"
        (self.warning if warn else self.error)(code, at, message, hint=hint, fix=fix)


def _usual(code: str) -> str | None:
    from seqlang.semantics.hints import HINTS  # few files need it

    return HINTS.get(code)


def _span(at: Node | Span) -> Span:
    return at if isinstance(at, Span) else at.span
