"""Values of options and statements: each read as the type that its place wants, `choose` everywhere (LANGUAGE 6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.plan.conditions import (
    Choose,
    ChooseCase,
    FieldRef,
    FlowOwner,
    ListValue,
    Literal_,
    ObjectValue,
    PlanValue,
    SpanValue,
    Template,
    Word,
)
from seqlang.semantics.asked import ask
from seqlang.semantics.chosen import check_cases
from seqlang.semantics.moments import read_span
from seqlang.semantics.operands import SORT_OF_FIELD, SORT_WORDS, constant, read_operand, tell_unknown
from seqlang.semantics.paths import find_field
from seqlang.semantics.report import quoted
from seqlang.semantics.scope import Scope
from seqlang.semantics.templates import Uses, read_file, read_template, read_text
from seqlang.syntax import tree

if TYPE_CHECKING:
    from seqlang.vocabulary.channels import OptionType

_WORD = r'[^\s@<>()\[\],;:\\".]+'  # between two points
_LABEL = r'[^\s@<>()\[\],;:\\".\/]+'
_BARE = rf"{_WORD}(?:\.{_WORD})*@(?!-){_LABEL}(?:\.{_LABEL})+(?<!-)"
_NAME = r'(?:"(?:[^"\\]|\\.)*"|[^<>@"])*'  # of whom it is; quotes in pairs
CONTROL = r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]"  # a line end or its like: it would end a header
ADDRESS = re.compile(rf"\A(?!(?s:.*){CONTROL})(?:{_NAME}<\s*{_BARE}\s*>|{_BARE})\s*\Z")
LISTS: dict[str, OptionType] = {"texts": "text", "addresses": "address", "files": "file"}
TYPE_WORDS: dict[str, str] = {
    "text": "a text",
    "template": "the name of a template, a text",
    "file": "the name of a file, a text",
    "number": "a number",
    "boolean": "`yes` or `no`",
    "duration": "a duration such as `2 days`",
    "address": "an e-mail address or a path to one",
    "user": "a colleague: an e-mail address, `owner` or a path to a user",
    "step": "the name of a step",
    "word": "a word",
    "words": "a list of words",
    "texts": "a list of texts",
    "addresses": "e-mail addresses",
    "files": "names of files",
    "object": "an object: `{ name: value }`",
    "any": "a value",
}


def read_value(scope: Scope, uses: Uses, kind: OptionType, value: tree.Value) -> PlanValue | None:
    """Return a value of the type `kind` (words and steps are read by `options`), or None after reporting what is wrong."""
    if isinstance(value, tree.Choose):
        return read_choose(scope, value, lambda v: read_value(scope, uses, kind, v))
    if isinstance(value, tree.Path):
        if value.text == "owner" and kind in ("address", "user", "addresses", "any"):
            if not scope.owned:
                scope.report.error("SEQ407", value, "this flow has no owner", hint='write `owner "ana@example.com"` in the flow')
                return None
            return FlowOwner() if kind != "addresses" else ListValue(items=(FlowOwner(),))
        inner = constant(scope, value)
        if inner is not None:
            return read_value(scope, uses, kind, inner)
    if kind in LISTS:
        return _list(scope, uses, LISTS[kind], value)
    return _single(scope, uses, kind, value)


def _list(scope: Scope, uses: Uses, kind: OptionType, value: tree.Value) -> PlanValue | None:
    items = value.items if isinstance(value, tree.ListOf) else (value,)
    found = [read_value(scope, uses, kind, item) for item in items]
    known = tuple(v for v in found if v is not None)
    return ListValue(items=known) if len(known) == len(found) else None


def _single(scope: Scope, uses: Uses, kind: OptionType, value: tree.Value) -> PlanValue | None:
    match kind, value:
        case "text", tree.Text():
            return read_text(scope, uses, value)
        case "template", tree.Text():
            return read_template(scope, uses, value)
        case "file", tree.Text():
            return read_file(scope, uses, value)
        case (("address" | "user"), tree.Text()):
            return read_address(scope, uses, value, templates=kind == "address")
        case (("address" | "user"), tree.Path()):
            return read_person(scope, value, user=kind == "user")
        case "number", tree.Number():
            return Literal_(type="number", value=value.value)
        case "boolean", tree.Truth():
            return Literal_(type="boolean", value=value.value)
        case "duration", tree.Duration():
            span = read_span(scope.report, value)
            return SpanValue(span=span) if span else None
        case (("text" | "number" | "boolean"), tree.Path()):
            return _field(scope, kind, value)
        case "object", tree.ObjectOf():
            return _object(scope, uses, value)
        case "any", _:
            return _any(scope, uses, value)
        case _:
            hint, fix = _meant(kind, value)
            scope.report.error("SEQ411", value, f"{TYPE_WORDS[kind]} is wanted here", hint=hint, fix=fix)
            return None


def _meant(kind: OptionType, value: tree.Value) -> tuple[str | None, Fix | None]:
    """Return what was likely meant: quotation marks left out, or `"yes"` for `yes`, `"5"` for `5`."""
    written = None
    if isinstance(value, tree.Path) and kind in ("text", "template", "file"):
        written = quoted(value.text)
    elif isinstance(value, tree.Text) and kind == "boolean" and value.value.casefold() in ("yes", "no", "true", "false"):
        written = "yes" if value.value.casefold() in ("yes", "true") else "no"
    elif isinstance(value, tree.Text) and kind == "number" and value.value.isdecimal():
        written = value.value
    if written is None:
        return None, None
    return f"write `{written}`", Fix(f"write `{written}`", (Edit(value.span, written),), safe=True)


def read_choose(scope: Scope, node: tree.Choose, read: Callable[[tree.Value], PlanValue | None]) -> Choose | None:
    """Return a `choose`: every case read by `read`, `otherwise` the last."""
    cases: list[ChooseCase] = []
    wrong = not check_cases(scope.report, node)
    for case in node.cases:
        when = ask(scope.at("value", step=scope.step, position=scope.position), case.when) if case.when is not None else None
        value = read(case.value)
        if value is None or (case.when is not None and when is None):
            wrong = True
        else:
            cases.append(ChooseCase(when=when, value=value))
    return None if wrong else Choose(cases=tuple(cases))


def read_address(scope: Scope, uses: Uses, node: tree.Text, *, templates: bool) -> PlanValue | None:
    """Return an e-mail address: as it is, or (`templates`) with placeholders."""
    value = read_text(scope, uses, node)
    if isinstance(value, Template):
        if templates:
            return value
        scope.report.error(
            "SEQ413", node, "a colleague is named without placeholders", hint="write a path such as `contact.owner`"
        )
        return None
    if value is not None and not ADDRESS.match(node.value):
        scope.report.error("SEQ413", node, f"`{node.value}` is not an e-mail address")
        return None
    return value


def read_person(scope: Scope, path: tree.Path, *, user: bool) -> PlanValue | None:
    """Return a path to a colleague (`user`) or to any e-mail address; a link stands for the address of who it leads to."""
    target = find_field(scope, path, key=True)
    if target is None:
        return None
    if target.hops:
        scope.report.error("SEQ217", path, f"`{path.text}` stands for several records, and one is wanted here")
        return None
    fine = target.ref.holder == "user" and target.ref.field == "email" if user else target.ref.type in ("email", "text")
    if not fine or (target.ref.links and target.ref.holder == "account" and target.ref.field == "domain"):
        scope.report.error(
            "SEQ411", path, f"{TYPE_WORDS['user' if user else 'address']} is wanted here, and `{path.text}` is none"
        )
        return None
    return target.ref


def _field(scope: Scope, kind: OptionType, path: tree.Path) -> FieldRef | None:
    if len(path.names) == 1 and path.names[0].text not in scope.names.fields.get(scope.home, {}):
        tell_unknown(scope, path)
        return None
    target = find_field(scope, path, key=True)
    if target is None:
        return None
    if target.hops:
        scope.report.error("SEQ217", path, f"`{path.text}` stands for several records, and one is wanted here")
        return None
    sort = SORT_OF_FIELD[target.ref.type]
    if kind not in ("text", sort):
        scope.report.error("SEQ411", path, f"{TYPE_WORDS[kind]} is wanted here, and `{path.text}` is {SORT_WORDS[sort]}")
        return None
    return target.ref


def _object(scope: Scope, uses: Uses, node: tree.ObjectOf) -> ObjectValue | None:
    items: list[tuple[str, PlanValue]] = []
    seen: set[str] = set()
    wrong = False
    for option in node.options:
        value = read_value(scope, uses, "any", option.value)
        if option.name.text in seen:
            scope.report.error("SEQ402", option.name, f"`{option.name.text}` is there twice")
            wrong = True
        seen.add(option.name.text)
        if value is None:
            wrong = True
        else:
            items.append((option.name.text, value))
    return None if wrong else ObjectValue(items=tuple(items))


def _any(scope: Scope, uses: Uses, value: tree.Value) -> PlanValue | None:
    match value:
        case tree.Text():
            return read_text(scope, uses, value)
        case tree.ObjectOf():
            return _object(scope, uses, value)
        case tree.ListOf():
            return _list(scope, uses, "any", value)
        case tree.Duration():
            span = read_span(scope.report, value)
            return SpanValue(span=span) if span else None
        case tree.Path():
            return _field(scope, "text", value)
        case _:
            return read_operand(scope, value)


def read_word(scope: Scope, words: tuple[str, ...], value: tree.Value) -> Word | None:
    """Return one of some words, written bare or in quotes."""
    text = value.text if isinstance(value, tree.Path) else value.value if isinstance(value, tree.Text) else None
    if text is None:
        scope.report.error("SEQ411", value, f"one of {', '.join(f'`{w}`' for w in words)} is wanted here")
        return None
    if text not in words:
        scope.report.unknown(
            "SEQ414",
            value,
            f"`{text}` is not one of the words that fit here",
            text,
            words,
            text=isinstance(value, tree.Text),
            none=f"write {' or '.join(f'`{w}`' for w in words)}",
        )
        return None
    return Word(word=text)
