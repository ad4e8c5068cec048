"""The LALR machine: takes tokens one by one and builds nodes, by the table that Lark compiled from the grammar."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from seqlang.syntax import build_conditions, build_declarations, build_flows, build_statements, build_tests, build_values
from seqlang.syntax.table import SPLICE, Rule, Table, load
from seqlang.syntax.tokens import Token

Builder = Callable[[list[Any]], Any]
# A rule: how it is reduced, origin, size, builder, whether one child goes up as it is, plan.
Step = tuple[int, str, int, Builder | None, bool, tuple[int, ...] | None]
# How: a single child goes up as it is; the children are built; the list of the first child grows by the others; as the plan says.
PASS, BUILD, GROW, PLANNED = range(4)

BUILDERS: dict[str, Builder] = {
    **build_values.BUILDERS, **build_conditions.BUILDERS, **build_declarations.BUILDERS, **build_flows.BUILDERS,
    **build_statements.BUILDERS, **build_tests.BUILDERS,
}  # fmt: skip


@cache
def _steps() -> tuple[Table, list[Step]]:
    table = load()
    return table, [_step(rule) for rule in table.rules]


def _step(rule: Rule) -> Step:
    builder = BUILDERS.get(rule.build) if rule.alone else BUILDERS[rule.build] if rule.build else None
    how = PLANNED
    if rule.alone and rule.size == 1:
        how = PASS
    elif rule.plan is None and builder is not None and not rule.alone:
        how = BUILD
    elif rule.plan == (SPLICE, *range(1, rule.size)) and builder is None and not rule.alone:
        how = GROW
    return how, rule.origin, rule.size, builder, rule.alone, rule.plan


def _lay_out(children: list[Any], plan: tuple[int, ...]) -> list[Any]:
    """Return the children as the rule's plan says; the list of a first child that is spliced goes on growing."""
    out: list[Any] = []
    begun = False
    for place in plan:
        if place >= SPLICE:
            if begun:
                out += children[place - SPLICE]
            else:
                out = children[place - SPLICE]
        elif place < 0:
            out.append(None)
        else:
            out.append(children[place])
        begun = True
    return out


class Stack:
    """A stack of states in a trial: the lower part of another one, which it does not change, and what was put on top."""

    __slots__ = ("base", "keep", "more")

    def __init__(self, base: list[int], keep: int) -> None:
        self.base = base
        self.keep = keep  # states of `base` that belong to it
        self.more: list[int] = []

    @property
    def top(self) -> int:
        """The state on top."""
        return self.more[-1] if self.more else self.base[self.keep - 1]

    def copy(self) -> Stack:
        """Return one that can be changed apart."""
        other = Stack(self.base, self.keep)
        other.more = self.more[:]
        return other

    def drop(self, count: int) -> None:
        """Take some states from the top."""
        above = min(count, len(self.more))
        if above:
            del self.more[-above:]
        self.keep -= count - above


class Machine:
    """One parse under way."""

    __slots__ = ("actions", "done", "end", "gotos", "states", "steps", "table", "values")

    def __init__(self, start: str) -> None:
        self.table, self.steps = _steps()
        self.actions = self.table.actions
        self.gotos = self.table.gotos
        self.states = [self.table.starts[start]]
        self.values: list[Any] = []
        self.end = self.table.ends[start]
        self.done = False

    def kind_of(self, token: Token) -> str:
        """Return the terminal that a token is here: a word is a keyword where the parser can go on with it, else a NAME."""
        kind = token.kind
        if kind != "WORD":
            return kind
        word = token.text
        row = self.actions[self.states[-1]]
        action = row.get(word)
        if action is None or (action < 0 and "NAME" in row and not self.accepts(word)):
            return "NAME"
        return word

    def feed(self, token: Token, kind: str) -> bool:
        """Take a token; return whether it fits here. Raises `Misuse` where a builder refuses."""
        states, values, actions, gotos, steps, end = self.states, self.values, self.actions, self.gotos, self.steps, self.end
        state = states[-1]
        while True:
            action = actions[state].get(kind)
            if action is None:
                return False
            if action > 0:
                states.append(action - 1)
                values.append(token)
                return True
            how, origin, size, build, alone, plan = steps[-action - 1]
            if how == PASS:
                states[-1] = state = gotos[states[-2]][origin]
            else:
                cut = len(values) - size  # below the first child; of the states there is one more
                children = values[cut:]
                del states[cut + 1 :]
                if how == BUILD:
                    values[cut:] = (build(children),)  # type: ignore[misc]  # it has one
                elif how == GROW:
                    children[0] += children[1:]
                    del values[cut + 1 :]
                else:
                    del values[cut:]
                    if plan is not None:
                        children = _lay_out(children, plan)
                    if alone and len(children) == 1:
                        values.append(children[0])
                    else:
                        values.append(children if build is None else build(children))
                state = gotos[states[-1]][origin]
                states.append(state)
            if state == end and kind == "$END":
                self.done = True
                return True

    def accepts(self, kind: str) -> bool:
        """Say whether a terminal would fit here; nothing changes."""
        return self.after((kind,)) is not None

    def after(self, kinds: tuple[str, ...], stack: Stack | None = None) -> Stack | None:
        """Return the stack that some terminals would lead to from here (or from a given one); None: they do not fit."""
        stack = Stack(self.states, len(self.states)) if stack is None else stack.copy()
        return stack if all(self.try_out(stack, kind) for kind in kinds) else None

    def try_out(self, stack: Stack, kind: str) -> bool:
        """Put a terminal on a stack of a trial; return whether it fits."""
        while True:
            action = self.actions[stack.top].get(kind)
            if action is None:
                return False
            if action > 0:
                stack.more.append(action - 1)
                return True
            _, origin, size, *_ = self.steps[-action - 1]
            stack.drop(size)
            stack.more.append(self.gotos[stack.top][origin])
            if kind == "$END" and stack.top == self.end:
                return True

    def accepted(self) -> list[str]:
        """Return all terminals that fit here."""
        return sorted(kind for kind in self.actions[self.states[-1]] if self.accepts(kind))

    def stack_at(self, depth: int) -> Stack:
        """Return the lower part of the stack, for a trial."""
        return Stack(self.states, depth)

    def cut(self, depth: int) -> None:
        """Forget what was read above some depth of the stack."""
        del self.states[depth:]
        del self.values[depth - 1 :]
