"""Placeholders of texts and templates: they parse, and each names something that every recipient can have (LANGUAGE 6)."""

from __future__ import annotations

import re
from typing import Any

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.diagnostics.source import Span
from seqlang.frozen import Record
from seqlang.limits import TEMPLATE_NESTING_MAX
from seqlang.semantics.report import Reporter, nearest
from seqlang.semantics.scope import Scope
from seqlang.vocabulary.records import USER
from seqlang.vocabulary.templates import FILTERS, TESTS

SCALARS = ("unsubscribe_url", "today")
SENDER = ("email", "name", "first_name", "last_name")
TEMPLATE_WORDS = ("range", "loop", "caller", "varargs", "kwargs", "self", "true", "false", "none", "True", "False", "None")
# Most texts hold paths, filters with plain arguments, and `if` with a path; they are read without loading Jinja, which takes
# longer than all the rest of a check. What is not as plain as this is Jinja's.
_PLAIN = re.compile(
    r"""
    \{(?:
      \{-?\s* (?P<path>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
      (?P<filters>(?:\s*\|\s*[a-z]+(?:\(\s*(?:{literal}(?:\s*,\s*{literal})*)?\s*\))?)*) \s*-?\}
    | %-?\s* (?P<word>if|elif|else|endif) (?:\s+(?P<asked>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*))? \s*-?%
    )\}
    """.replace("{literal}", r"""(?:"[^"\\{}%]*"|'[^'\\{}%]*'|\d+(?:\.\d+)?)"""),
    re.VERBOSE,
)
_FILTER = re.compile(r"\|\s*([a-z]+)")
_NO_TEXTS = re.compile(r"""\"[^"]*"|'[^']*'""")
_RESERVED = frozenset({*TEMPLATE_WORDS, "not", "and", "or", "in", "is", "if", "else"})
_SIGNS = re.compile(r"\{\{|\{%|\{#|\}\}|%\}")


class Found(Record):
    """One placeholder."""

    names: tuple[str, ...]
    span: Span  # in the text that was read
    called: bool = False  # `path()`: a function is called


def has_placeholders(text: str) -> bool:
    """Return whether a text is a template."""
    return _SIGNS.search(text) is not None


def find_placeholders(report: Reporter, text: str, at: Span, *, offset: int | None) -> tuple[Found, ...] | None:
    """Return the placeholders of a text, or None after reporting that it does not parse.

    `at`: where the whole text stands in the reporter's source; `offset`: where its first character stands there, or None
    where escapes make that unknown.
    """
    hits = list(_PLAIN.finditer(text))
    if not _SIGNS.search(_PLAIN.sub("", text)) and _all_plain(hits):
        named = [(m, "path" if m["path"] else "asked") for m in hits if m["path"] or m["asked"]]
        return tuple(Found(tuple(m[which].split(".")), _locate(at, offset, *m.span(which))) for m, which in named)
    try:
        return _parse(report, text, at, offset)
    except RecursionError:  # Jinja has no limit of its own
        _too_deep(report, at)
        return None


def _all_plain(hits: list[re.Match[str]]) -> bool:
    """Return whether Jinja would have nothing to say: filters that exist, blocks that match, no names of Jinja's own."""
    opened: list[bool] = []  # for each `if` around: whether its `else` was seen
    for hit in hits:
        name = hit["path"] or hit["asked"]
        if name is not None and name.partition(".")[0] in _RESERVED:
            return False
        word = hit["word"]
        if word is None:
            if hit["filters"] and not FILTERS.issuperset(_FILTER.findall(_NO_TEXTS.sub("", hit["filters"]))):
                return False
            continue
        if (hit["asked"] is not None) != (word in ("if", "elif")):
            return False
        if word == "if":
            opened.append(False)
            if len(opened) > TEMPLATE_NESTING_MAX:
                return False
        elif not opened or (word != "endif" and opened[-1]):
            return False
        elif word == "endif":
            opened.pop()
        else:
            opened[-1] = word == "else"
    return not opened


def _locate(at: Span, offset: int | None, start: int, end: int) -> Span:
    return at if offset is None else Span(offset + start, offset + end)


def _too_deep(report: Reporter, at: Span) -> None:
    report.error("SEQ441", at, "what is in braces is nested too deep", hint="leave out the braces within others")


def _parse(report: Reporter, text: str, at: Span, offset: int | None) -> tuple[Found, ...] | None:
    import jinja2
    from jinja2 import meta, nodes

    environment = jinja2.Environment(autoescape=True)
    try:
        parsed = environment.parse(text)
    except jinja2.TemplateSyntaxError as problem:
        from seqlang.semantics.jinja_words import broken_piece, reader_words  # few templates need it

        span = _line_span(text, at, offset, problem.lineno or 1)
        piece = broken_piece(text[span.start - offset : span.end - offset]) if offset is not None else None
        if piece is not None:
            span = Span(span.start + piece.start, span.start + piece.end)
        report.error("SEQ441", span, reader_words(problem.message or ""), hint=piece.hint if piece is not None else None)
        return None
    for kind, word in (
        (nodes.Include, "include"),
        (nodes.Extends, "extends"),
        (nodes.Import, "import"),
        (nodes.FromImport, "import"),
    ):
        for node in parsed.find_all(kind):
            report.error(
                "SEQ442", _line_span(text, at, offset, node.lineno), f"a template is on its own: it cannot {word} another"
            )
            return None
    if _blocks(nodes, parsed) > TEMPLATE_NESTING_MAX:
        _too_deep(report, at)
        return None
    _check_filters(report, parsed, text, at, offset)
    # Filters that do not exist are told; the names behind them are read all the same.
    environment.filters.update({node.name: _anything for node in parsed.find_all(nodes.Filter)})
    environment.tests.update({node.name: _anything for node in parsed.find_all(nodes.Test)})
    free = meta.find_undeclared_variables(parsed) - set(TEMPLATE_WORDS)
    found: list[Found] = []
    _walk(
        parsed,
        free,
        lambda names, line, called: found.append(Found(names, _find_span(text, at, offset, line, ".".join(names)), called)),
    )
    return tuple(found)


def _blocks(nodes: Any, node: Any) -> int:
    """Return how many blocks (`for`, `if`, `set`, …) stand within one another; `nodes` is Jinja's module of them."""
    within = max((_blocks(nodes, child) for child in node.iter_child_nodes()), default=0)
    return within + (isinstance(node, nodes.Stmt) and not isinstance(node, nodes.Output))


def _anything(value: object) -> object:
    return value


def _check_filters(report: Reporter, parsed: Any, text: str, at: Span, offset: int | None) -> None:
    from jinja2 import nodes

    for kind, pool, what in ((nodes.Filter, FILTERS, "filter"), (nodes.Test, TESTS, "test")):
        for node in parsed.find_all(kind):
            if node.name not in pool:
                near = nearest(node.name, pool)
                report.error(
                    "SEQ443",
                    _find_span(text, at, offset, node.lineno, node.name),
                    f"there is no {what} `{node.name}`",
                    hint=f"did you mean `{near}`?" if near else None,
                )


def _walk(node: Any, free: set[str], note: Any, called: bool = False) -> None:  # noqa: FBT001, FBT002
    from jinja2 import nodes

    names: list[str] = []
    inner = node
    while True:
        if isinstance(inner, nodes.Getattr):
            names.append(inner.attr)
        elif isinstance(inner, nodes.Getitem) and isinstance(inner.arg, nodes.Const) and isinstance(inner.arg.value, str):
            names.append(inner.arg.value)
        else:
            break
        inner = inner.node
    if isinstance(inner, nodes.Name) and inner.ctx == "load":
        if inner.name in free:
            note((inner.name, *reversed(names)), inner.lineno, called)
        return
    if isinstance(node, nodes.Call):
        _walk(node.node, free, note, called=True)
        for child in (*node.args, *node.kwargs):
            _walk(child, free, note)
        return
    for child in inner.iter_child_nodes():
        _walk(child, free, note)


def _line_span(text: str, at: Span, offset: int | None, line: int) -> Span:
    if offset is None:
        return at
    lines = text.split("\n")
    index = min(max(line, 1), len(lines)) - 1
    start = sum(len(part) + 1 for part in lines[:index])
    indent = len(lines[index]) - len(lines[index].lstrip())
    return Span(offset + start + indent, offset + start + max(len(lines[index].rstrip()), indent + 1))


def _find_span(text: str, at: Span, offset: int | None, line: int, word: str) -> Span:
    if offset is None:
        return at
    lines = text.split("\n")
    index = min(max(line, 1), len(lines)) - 1
    start = sum(len(part) + 1 for part in lines[:index])
    place = text.find(word, start)
    return _line_span(text, at, offset, line) if place < 0 else Span(offset + place, offset + place + len(word))


def check_placeholder(scope: Scope, report: Reporter, found: Found) -> bool:
    """Return whether the placeholder names a value; report where it does not."""
    first, rest = found.names[0], found.names[1:]
    written = ".".join(found.names)
    if found.called:
        report.error(
            "SEQ444",
            found.span,
            f"`{written}` is called, and a template knows no functions of that name",
            hint=f"write a filter after a bar: `{{{{ {'.'.join(found.names[:-1]) or first} | {found.names[-1]} }}}}`",
        )
        return False
    if first in SCALARS:
        if rest:
            report.error("SEQ445", found.span, f"`{first}` has no `{rest[0]}`")
        return not rest
    start = roots(scope)
    if first not in start:
        _unknown_root(scope, report, found, start)
        return False
    if not rest:
        report.error(
            "SEQ445",
            found.span,
            f"`{first}` is a record, and a placeholder needs a field of it",
            hint=f"write `{{{{ {first}.{_example(first)} }}}}`",
        )
        return False
    if first == "sender":
        return _check_word(report, found, rest, SENDER, "sender")
    return _check_path(scope, report, found, start[first], rest)


def roots(scope: Scope) -> dict[str, str]:
    """Return the records that templates of this flow can name, and their types."""
    found = {scope.subject: scope.subject, "owner": "user", "sender": "sender"}
    for name in ("contact", "account"):
        spec = scope.names.fields.get(scope.subject, {}).get(name)
        if spec is not None and spec.link == name:
            found.setdefault(name, name)
    return found


def _unknown_root(scope: Scope, report: Reporter, found: Found, start: dict[str, str]) -> None:
    first = found.names[0]
    holder = next((r for r, kind in start.items() if kind in scope.names.fields and first in scope.names.fields[kind]), None)
    if first == "deal":
        hint: str | None = "a contact may have several deals: only flows for deal know which one is meant"
    elif first == "contact":
        hint = "an account has several contacts: only flows for contact and deal know which one is meant"
    elif holder is not None:
        hint = f"did you mean `{holder}.{'.'.join(found.names)}`?"
    else:
        near = nearest(first, [*start, *SCALARS])
        hint = f"did you mean `{near}`?" if near else f"placeholders begin with {', '.join(f'`{r}`' for r in start)}"
    report.error("SEQ440", found.span, f"`{'.'.join(found.names)}` is not a placeholder here", hint=hint)


def _check_path(scope: Scope, report: Reporter, found: Found, record: str, rest: tuple[str, ...]) -> bool:
    for index, name in enumerate(rest):
        fields = {f.name: f for f in USER.fields} if record == "user" else scope.names.fields.get(record, {})
        spec = fields.get(name)
        last = index == len(rest) - 1
        if spec is None:
            return _check_word(report, found, (name,), tuple(fields), record)
        if spec.link is None and not last:
            report.error(
                "SEQ445",
                found.span,
                f"`{name}` is a {spec.type} and has no `{rest[index + 1]}`",
                hint=f"a filter goes after a bar: `{{{{ … | {rest[index + 1]} }}}}`",
            )
            return False
        if spec.link is not None and last:
            report.error(
                "SEQ445",
                found.span,
                f"`{'.'.join(found.names)}` is a record, and a placeholder needs a field of it",
                hint=f"write `{{{{ {'.'.join(found.names)}.{_example(spec.link)} }}}}`",
            )
            return False
        record = spec.link or record
    return True


def _check_word(report: Reporter, found: Found, rest: tuple[str, ...], pool: tuple[str, ...], record: str) -> bool:
    if rest[0] in pool and len(rest) == 1:
        return True
    near = nearest(rest[0], pool)
    hint, fix = (f"did you mean `{near}`?", _fix(report, found, rest[0], near)) if near else (None, None)
    report.error("SEQ440", found.span, f"`{rest[0]}` is not a field of {record}", hint=hint, fix=fix)
    return False


def _fix(report: Reporter, found: Found, wrong: str, right: str) -> Fix | None:
    """Return the edit of one name of a placeholder, where its text stands in the file as it is."""
    at = found.span
    if not right.isidentifier() or report.source.text[at.start : at.end] != ".".join(found.names):
        return None
    start = at.start + sum(len(name) + 1 for name in found.names[: found.names.index(wrong)])
    return Fix(f"write `{right}`", (Edit(Span(start, start + len(wrong)), right),))


def _example(record: str) -> str:
    return {"contact": "first_name", "owner": "first_name", "user": "first_name", "sender": "name"}.get(record, "name")
