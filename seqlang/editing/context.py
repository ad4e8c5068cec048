"""Where in a file the cursor stands: the blocks around it, the words of its statement, and what the grammar takes there.

Only the declaration around the cursor is read, up to the cursor: a key press costs the same in a file of a thousand lines.
"""

from __future__ import annotations

import re

from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.syntax.lines import GOES_ON, end_statements
from seqlang.syntax.machine import Machine
from seqlang.syntax.misuse import Misuse
from seqlang.syntax.reader import Reader
from seqlang.syntax.scan import scan
from seqlang.syntax.tokens import Token

_HEAD = re.compile(
    r"^(?:let|record|list|event|view|calendar|classic|smart|outbound|cadence|workflow|journey|test)\b", re.MULTILINE
)
_WORD = re.compile(r"[\w`]*\Z")
_PLACEHOLDER = re.compile(r"\{[{%](?:(?![%}]\}).)*?([\w.]*)\Z", re.DOTALL)


class Block(Record):
    """One block around the cursor: the words before its brace."""

    head: tuple[str, ...]  # tokens of the statement that the brace belongs to; texts in quotes


class Context(Record):
    """All that completion knows of the cursor."""

    prefix: str  # what is typed of the word or text already
    replace: Span  # what a completion replaces
    quoted: bool  # the cursor stands in a text
    before: tuple[str, ...]  # tokens of the statement before the word; texts in quotes
    blocks: tuple[Block, ...]  # from the outside to the inside
    accepted: frozenset[str]  # terminals that the grammar takes: words, NAME, STRING, …
    placeholder: tuple[str, ...] | None = None  # the names before the cursor in `{{ contact.fi`: ("contact", "fi")

    @property
    def fresh(self) -> bool:
        """Whether a statement begins here."""
        return not self.before

    def head(self, *words: str) -> tuple[str, ...] | None:
        """Return the innermost head that begins with one of the words."""
        return next((b.head for b in reversed(self.blocks) if b.head and b.head[0] in words), None)


def context_at(text: str, offset: int) -> Context:
    """Return the context of an offset; only the declaration that it stands in is read."""
    start = _declaration(text, offset)
    part = text[start:offset]
    scanned = scan(Source("", part))
    quoted = _open_text(part)
    if quoted is not None:
        prefix = part[quoted + 1 :]
        keep = quoted
    else:
        found = _WORD.search(part)
        prefix = found[0] if found is not None else ""
        keep = len(part) - len(prefix)
    tokens = [token for token in scanned.tokens if token.start < keep]
    fresh_line = "\n" in part[tokens[-1].end : keep] if tokens else True
    inside = _open_bracket(tokens) in {"(", "["}
    stack = _statement(tokens, new_line=fresh_line and not inside)
    blocks = tuple(Block(tuple(token.text for token in head)) for head in stack[:-1])
    before = tuple(token.text for token in stack[-1])
    accepted = _accepted(part, tokens, new_line=fresh_line and not inside) or _alone(stack)
    end = offset + len(re.match(r"[\w`]*" if quoted is None else r"[^\"\n]*", text[offset:])[0])  # type: ignore[index]
    placeholder = _PLACEHOLDER.search(prefix) if quoted is not None else None
    names = tuple(placeholder[1].split(".")) if placeholder is not None else None
    if names is not None:
        return Context(names[-1], Span(offset - len(names[-1]), offset), True, before, blocks, accepted, names)
    return Context(prefix, Span(start + keep + (quoted is not None), end), quoted is not None, before, blocks, accepted)


def template_context(text: str, offset: int) -> Context | None:
    """Return the context of an offset in a template; None outside of placeholders."""
    found = _PLACEHOLDER.search(text, max(0, offset - 500), offset)
    if found is None:
        return None
    names = tuple(found[1].split("."))
    return Context(names[-1], Span(offset - len(names[-1]), offset), True, (), (), frozenset(), names)


def _declaration(text: str, offset: int) -> int:
    """Return where the declaration around an offset begins: the last line before it that begins with a word of the top."""
    start = 0
    for head in _HEAD.finditer(text, 0, offset):
        start = head.start()
    return start


def _open_text(part: str) -> int | None:
    """Return where the text begins in which the part ends; None where it ends outside of one."""
    at = 0
    for found in re.finditer(r'#[^\n]*|"""(?:[^"\\]|\\.|"(?!""))*?(?:"""|\Z)|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)', part):
        at = found.end()
        if at == len(part):
            text = found[0]
            if text.startswith('"""'):
                return found.start() + 2 if len(text) < 6 or not text.endswith('"""') else None
            if text.startswith('"') and (len(text) == 1 or not text.endswith('"') or text.endswith('\\"')):
                return found.start()
    return None


def in_comment(text: str, offset: int) -> bool:
    """Say whether an offset stands in a comment."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return re.match(r'(?:[^"#]|"(?:[^"\\]|\\.)*")*#', line) is not None


def _open_bracket(tokens: list[Token]) -> str:
    open_: list[str] = []
    for token in tokens:
        if token.kind in "({[":
            open_.append(token.kind)
        elif token.kind in ")}]" and open_:
            open_.pop()
    return open_[-1] if open_ else ""


def _statement(tokens: list[Token], *, new_line: bool) -> list[list[Token]]:
    """Return the heads of the blocks around the cursor, and last the tokens of its own statement."""
    stack: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.fresh and not depth and not (token.kind == "WORD" and token.text in GOES_ON):
            stack[-1].clear()
        if token.kind in "([":
            depth += 1
        elif token.kind in ")]":
            depth = max(0, depth - 1)
        if token.kind == "{":
            stack.append([])
            depth = 0
        elif token.kind == "}":
            if len(stack) > 1:
                stack.pop()
            stack[-1].append(token)
        elif token.kind == "NL" or (token.kind == "," and not depth and _parted_by_commas(stack)):
            stack[-1].clear()
        else:
            stack[-1].append(token)
    if new_line:
        stack[-1].clear()
    return stack


def _parted_by_commas(stack: list[list[Token]]) -> bool:
    """Say whether commas part the statements of the innermost block: options, fields, cases of a `choose`."""
    if len(stack) < 2 or not stack[-2]:
        return False
    first, last = stack[-2][0].text, stack[-2][-1].text
    return first in {"step", "record", "event", "contact", "account", "deal"} or last in {":", "choose"}


def _accepted(part: str, tokens: list[Token], *, new_line: bool) -> frozenset[str]:
    """Return what the grammar takes behind the tokens; nothing where something before cannot be read."""
    lines = end_statements(list(tokens), len(part)).tokens
    while lines and lines[-1].kind == "$END":
        lines.pop()
    ended = bool(lines) and lines[-1].kind == "NL"
    goes_on: set[str] = set()
    if ended:
        closing = lines.pop()
        if new_line:
            goes_on = set(_after(part, lines)) & GOES_ON
            lines.append(closing)
    return frozenset({*_after(part, lines), *goes_on})


def _alone(stack: list[list[Token]]) -> frozenset[str]:
    """Return what the grammar takes behind the statement where the text before it cannot be read: the blocks' heads must do.

    Where the statement fits into no such block, a brace was left open before it: the block around that one is tried.
    """
    for depth in range(len(stack) - 1, -1, -1):
        machine = Machine("module")
        for head in stack[:depth]:
            kept = head[max((n + 1 for n, token in enumerate(head) if token.kind == "}"), default=0) :]
            states, values = machine.states[:], machine.values[:]
            if not _feed(machine, [*kept, Token("{", "{", 0, 0, fresh=False)]):
                machine.states, machine.values = states, values  # a broken head: as if it were not there
        if _feed(machine, stack[-1]):
            return frozenset(machine.accepted())
    return frozenset()


def _feed(machine: Machine, tokens: list[Token]) -> bool:
    try:
        return all(machine.feed(token, machine.kind_of(token)) for token in tokens)
    except Misuse:
        return False


def _after(part: str, tokens: list[Token]) -> list[str]:
    reader = Reader(Source("", part), list(tokens), [], "module")
    try:
        reader.read()
    except IndexError:  # a repair looked behind the last token: there is nothing yet
        return []
    return reader.machine.accepted() if not reader.found else []
