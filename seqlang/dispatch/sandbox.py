"""A Jinja environment for texts that strangers may fill: plain data, no functions, bounded time and memory.

Jinja's own sandbox does not stop the methods of strings, `'%9999999999d'|format`, string multiplication, `lipsum` or nested
loops (each gives gigabytes or hours). Here, attributes are looked up in data only; filters are a short list; operators on texts,
rounds of loops, calls of macros and the length of the output are counted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, cast

from jinja2 import Environment, StrictUndefined, TemplateAssertionError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from seqlang.dispatch.filters import OWN
from seqlang.dispatch.shown import DATE_PARTS, shown
from seqlang.limits import LOOP_ROUNDS_MAX, RENDERED_CHARS_MAX
from seqlang.vocabulary.templates import FILTERS, TESTS

_INLINE_IF = "the inline if-expression"  # `{{ "x" if y }}` where y does not hold: nothing, and no mistake
_POWER_MAX = 64
_BITS_MAX = 4_096


class Counted(threading.local):
    """What one rendering has used, and the values that it has written."""

    rounds: int = 0
    values: list[str] | None = None  # None: values are written where they stand
    zone: str = "UTC"
    empty: bool = False  # some placeholder had nothing to say


class SafeEnvironment(ImmutableSandboxedEnvironment):
    """The environment; `counted` is of the rendering in hand."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    intercepted_unops = frozenset({"-", "+"})

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=autoescape, finalize=self._finalize, keep_trailing_newline=True,
                         cache_size=0, extensions=())
        self.counted = Counted()
        self.filters = {name: self.filters[name] for name in FILTERS if name in self.filters}
        self.filters.update(OWN)
        self.filters.update({"_counted": self._count, "_joined": self._join, "_ordered": _ordered})
        self.tests = {name: test for name, test in self.tests.items() if name in TESTS}
        self.globals = {"range": safe_range}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return cast("nodes.Template", _Guard().visit(super()._parse(source, name, filename)))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look a field up; nothing else has attributes, but dates and `loop`."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Look a field up. A path through an empty link is empty; an unknown field is an error."""
        if isinstance(obj, Mapping):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=argument)
        if obj is None:
            return None
        if isinstance(obj, date) and argument in DATE_PARTS and hasattr(obj, argument):
            return getattr(obj, argument)
        if isinstance(obj, LoopContext):
            return super().getattr(obj, str(argument))
        if isinstance(obj, list | tuple | str) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                return None
        return self.undefined(obj=obj, name=argument)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a macro or `range`; nothing else can be called."""
        if isinstance(obj, Macro) or obj is safe_range:
            self._spend(1)
            return super().call(context, obj, *args, **kwargs)
        raise SecurityError("a template calls no functions")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        """Calculate with numbers; of texts and lists only `+`, and not without end."""
        if operator == "+" and not isinstance(left, int | float):
            _refuse_long(_size(left) + _size(right))
        elif not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"`{operator}` is for numbers")
        elif operator == "*" and _bits(left) + _bits(right) > _BITS_MAX:
            raise SecurityError("that number is too large")
        elif operator == "**" and (abs(left) > 1e6 or abs(right) > _POWER_MAX):
            raise SecurityError("that power is too large")
        return self.binop_table[operator](left, right)

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        """Return a number's negative."""
        if not isinstance(arg, int | float):
            raise SecurityError(f"`{operator}` is for numbers")
        return super().call_unop(context, operator, arg)

    def _finalize(self, context: Context, value: Any) -> Any:  # noqa: ARG002
        """Write a value as people expect it; where values are kept apart, leave its number in its place."""
        if isinstance(value, Undefined):
            if str(value._undefined_hint or "").startswith(_INLINE_IF):  # noqa: SLF001  Jinja has no other way to tell
                return ""
            str(value)  # raises: an unknown name
        self.counted.empty |= value is None or value == ""
        text = value if isinstance(value, str) else shown(value, self.counted.zone)
        kept = self.counted.values
        if kept is None:
            return text
        kept.append(str(text))
        return Markup(f"\ue000{len(kept) - 1}\ue001")  # noqa: S704  a number between two marks

    def _count(self, items: Any) -> Iterator[Any]:
        for item in items if items is not None else ():
            self._spend(1)
            yield item

    def _spend(self, rounds: int) -> None:
        self.counted.rounds += rounds
        if self.counted.rounds > LOOP_ROUNDS_MAX:
            raise SecurityError(f"the template takes more than {LOOP_ROUNDS_MAX} rounds")

    def _join(self, items: Iterable[Any]) -> str:
        texts = [shown(item, self.counted.zone) if not isinstance(item, str) else item for item in items]
        _refuse_long(sum(map(len, texts)))
        return "".join(texts)


# Jinja folds constants at compile time unless the function asks for the context.
SafeEnvironment._finalize = pass_context(SafeEnvironment._finalize)  # type: ignore[method-assign]  # noqa: SLF001


class _Guard(NodeTransformer):
    """Counts rounds, guards `~` and comparisons, refuses what reaches beyond the template."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if node.recursive:
            raise TemplateAssertionError("a loop cannot call itself", node.lineno)
        node.iter = _filter("_counted", node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filter("_joined", nodes.List(node.nodes, lineno=node.lineno))

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        """Make `>` and its like false where a side is empty, as in conditions."""
        self.generic_visit(node)
        if len(node.ops) == 1 and node.ops[0].op in _ORDERS:
            pair = nodes.List([node.expr, node.ops[0].expr], lineno=node.lineno)
            return _filter("_ordered", pair, nodes.Const(node.ops[0].op, lineno=node.lineno))
        return node

    def _refuse(self, node: nodes.Node) -> nodes.Node:
        raise TemplateAssertionError("a template stands by itself: it cannot include another", node.lineno)

    visit_Include = visit_Extends = visit_Import = visit_FromImport = _refuse  # noqa: N815


def _filter(name: str, node: Any, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": lambda left, right: bool(left > right), "gteq": lambda left, right: bool(left >= right),
    "lt": lambda left, right: bool(left < right), "lteq": lambda left, right: bool(left <= right),
}


def _ordered(pair: list[Any], operator: str) -> bool:
    left, right = (_plain_date(side) for side in pair)
    if left is None or right is None:
        return False
    return _ORDERS[operator](left, right)


def _plain_date(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def _bits(value: float) -> int:
    return value.bit_length() if isinstance(value, int) else 64


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 1


def _refuse_long(length: int) -> None:
    if length > RENDERED_CHARS_MAX:
        raise SecurityError(f"a text of more than {RENDERED_CHARS_MAX} characters")


def keeps_order(environment: Environment, parsed: nodes.Template) -> bool:
    """Tell whether values can be kept apart: not where the template takes up what it wrote (macros, blocks)."""
    del environment
    kinds = (nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock)
    return next(parsed.find_all(kinds), None) is None
