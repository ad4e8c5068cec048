"""The parse table: Lark compiles the grammar to it once, the user's cache folder keeps it as plain data.

Loading Lark and a pickled parser costs more than checking a file does, so that what is kept is the bare LALR table: numbers
and words in `marshal` form, which runs no code when it is read. Where nothing is kept yet, Lark builds it.
"""

from __future__ import annotations

import marshal
import sys
from functools import cache
from pathlib import Path
from typing import Any

from seqlang import kept
from seqlang.frozen import Record

FORMAT = "2"  # of the kept table; raise it when `_compile` changes
STARTS = ("module", "condition_alone")


class Rule(Record):
    """One production, and how its children are laid out for the method that builds its node."""

    origin: str  # the rule it belongs to
    size: int  # symbols on its right side
    build: str  # name of the builder; empty: the children go up as a list into the parent
    alone: bool  # one child goes up as it is
    plan: tuple[int, ...] | None  # None: the children as they are; else per place -1 None, n child n, SPLICE + n its children


SPLICE = 1_000


class Table(Record):
    """The LALR table. Terminals with a fixed text bear that text, the others their name (NAME, STRING …)."""

    actions: list[dict[str, int]]  # per state: terminal to n > 0 (shift, state n - 1) or n < 0 (reduce, rule -n - 1)
    gotos: list[dict[str, int]]  # per state: rule to state
    rules: list[Rule]
    starts: dict[str, int]  # first state of each start rule
    ends: dict[str, int]  # accepting state of each start rule
    words: frozenset[str]  # the words of the language


def grammar_text() -> str:
    """Return the grammar; it stands beside this module in a wheel and in `grammar/` in a checkout."""
    here = Path(__file__).resolve().parent
    for place in (here / "seq.lark", here.parents[1] / "grammar" / "seq.lark"):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise FileNotFoundError("seq.lark")


@cache
def load() -> Table:
    """Return the table, from the user's cache folder where it is there, else built by Lark (and kept, if that is possible)."""
    grammar = grammar_text()
    key = kept.digest_of(FORMAT, str(sys.version_info[:2]), str(marshal.version), grammar)
    name = f"grammar-{key[:24]}.table"
    actions, gotos, rules, starts, ends, words = kept.once(name, key, lambda: _compile(grammar))
    return Table(actions, gotos, [Rule(*rule) for rule in rules], starts, ends, frozenset(words))


def build_lark(grammar: str, **options: Any) -> Any:
    """Return Lark's own parser of the grammar (it has no lexer: tokens are handed to it)."""
    from lark import Lark
    from lark.lexer import Lexer

    class NoLexer(Lexer):
        """Tokens come from `scan`."""

        def __init__(self, _conf: Any) -> None:
            pass

        def lex(self, lexer_state: Any, _parser_state: Any) -> Any:
            """Hand on the tokens that were given as the text."""
            yield from lexer_state.text

    return Lark(
        grammar,
        parser="lalr",
        lexer=NoLexer,
        start=list(STARTS),
        keep_all_tokens=True,
        maybe_placeholders=True,
        propagate_positions=False,
        **options,
    )


def _compile(grammar: str) -> Any:
    """Compile the grammar with Lark and lay the table out as plain lists, dictionaries and texts."""
    lark = build_lark(grammar)
    table = lark.parser.parser._parse_table  # noqa: SLF001
    fixed = {str(t.name): str(t.pattern.value) for t in lark.terminals if t.pattern is not None and t.pattern.type == "str"}
    rules: list[Any] = []
    numbers: dict[int, int] = {}
    states = sorted(table.states)
    place = {state: n for n, state in enumerate(states)}
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in states:
        row: dict[str, int] = {}
        goto: dict[str, int] = {}
        for symbol, (action, target) in table.states[state].items():
            if action.name == "Reduce":
                number = numbers.get(id(target))
                if number is None:
                    number = numbers[id(target)] = len(rules)
                    rules.append(_lay_out(target))
                row[_spell(symbol, fixed)] = -number - 1
            elif symbol.isupper():
                row[_spell(symbol, fixed)] = place[target] + 1
            else:
                goto[_spell(symbol, {})] = place[target]
        actions.append(row)
        gotos.append(goto)
    starts = {str(name): place[state] for name, state in table.start_states.items()}
    ends = {str(name): place[state] for name, state in table.end_states.items()}
    words = sorted({text for text in fixed.values() if text.isalpha()})
    return actions, gotos, rules, starts, ends, words


def _spell(symbol: str, fixed: dict[str, str]) -> str:
    """Return the text of a terminal that has one, else the symbol's name; one object for each, so that the kept file is small."""
    return sys.intern(fixed.get(str(symbol), str(symbol)))


def _lay_out(rule: Any) -> tuple[str, int, str, bool, tuple[int, ...] | None]:
    """Return a Lark rule as the fields of `Rule`, with Lark's own meaning of `_rule`, `?rule`, aliases and `[…]`."""
    size = len(rule.expansion)
    empty = rule.options.empty_indices
    plan: list[int] = []
    child = 0
    for skipped in empty or [False] * size:
        if skipped:
            plan.append(-1)
            continue
        symbol = rule.expansion[child]
        inlined = not symbol.is_term and symbol.name.startswith("_")
        plan.append(SPLICE + child if inlined else child)
        child += 1
    plain = plan == list(range(size))
    build = rule.alias or rule.origin.name
    alone = bool(rule.options.expand1 and not rule.alias)
    return str(rule.origin.name), size, "" if build.startswith("_") else str(build), alone, None if plain else tuple(plan)
