"""The words of the language for editors: what each looks like, what it means. Colours and word lists are made from this."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from seqlang.frozen import Record

# Words by what they look like in an editor; all others of the grammar are plain keywords (`OTHER`).
ROLES: dict[str, tuple[str, ...]] = {
    "keyword.declaration": (
        "let", "record", "list", "event", "view", "calendar", "classic", "smart", "outbound", "sequence", "cadence", "workflow",
        "journey", "test", "step", "audience", "goal", "split",
    ),
    "keyword.control": ("if", "else", "when", "otherwise", "choose", "wait", "until", "exit", "for", "holdout", "expect"),
    "keyword.operator.word": ("and", "or", "not", "in", "is", "contains", "starts", "ends", "between", "before", "after", "with"),
    "constant.language": ("yes", "no", "today", "now", "empty", "nothing"),
    "support.function": (
        "replied", "opened", "clicked", "bounced", "sent", "done", "overdue", "outcome", "unsubscribed", "finished", "count",
        "tagged",
    ),
    "keyword.other.unit": ("minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "working"),
}  # fmt: skip
OTHER = "keyword.other"


class Snippet(Record):
    """A statement to be filled in."""

    label: str
    word: str  # its first word
    kinds: tuple[str, ...]  # kinds of flow in which it stands; none: at the top of a file
    text: str  # with `${1:places}`


class Meaning(Record):
    """What a word means."""

    text: str  # a sentence or two, Markdown
    example: str | None = None


@cache
def meanings() -> dict[str, Meaning]:
    """Return what is to be said of words, by the word."""
    table = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    return {word: Meaning(entry["text"], entry.get("example")) for word, entry in table.items()}


@cache
def snippets() -> tuple[Snippet, ...]:
    """Return the statements to be filled in."""
    table = tomllib.loads((Path(__file__).parent / "snippets.toml").read_text("utf-8"))
    return tuple(Snippet(one["label"], one["word"], tuple(one["kinds"]), one["text"]) for one in table["snippets"])


def roles_of(words: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the words of the grammar under what they look like; those of no role are plain keywords."""
    known = {word for some in ROLES.values() for word in some}
    return {**ROLES, OTHER: tuple(sorted(words - known))}
