"""The TextMate grammar for editors, its words taken from the grammar: `python -m seqlang.syntax.textmate` prints it."""

from __future__ import annotations

import json
import sys
from typing import Any

from seqlang.syntax.table import load

# Words by what they look like in an editor; all others of the language are plain keywords.
_ROLES: dict[str, tuple[str, ...]] = {
    "keyword.declaration.seq": (
        "let", "record", "list", "event", "view", "calendar", "classic", "smart", "outbound", "sequence", "cadence", "workflow",
        "journey", "test", "step", "audience", "goal", "split",
    ),
    "keyword.control.seq": ("if", "else", "when", "otherwise", "choose", "wait", "until", "exit", "for", "holdout", "expect"),
    "keyword.operator.word.seq": ("and", "or", "not", "in", "is", "contains", "starts", "ends", "between", "before", "after",
    "with"),
    "constant.language.seq": ("yes", "no", "today", "now", "empty", "nothing"),
    "support.function.seq": (
        "replied", "opened", "clicked", "bounced", "sent", "done", "overdue", "outcome", "unsubscribed", "finished", "count",
        "tagged",
    ),
    "keyword.other.unit.seq": ("minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "working"),
}  # fmt: skip
_NAME = r"(?:`[^`\n]+`|[^\W\d]\w*)"


def _words(role: str, words: tuple[str, ...]) -> dict[str, str]:
    return {"name": role, "match": rf"(?<![.\w`])(?:{'|'.join(sorted(words))})(?!\w|\s*:)"}


def roles() -> dict[str, tuple[str, ...]]:
    """Return every word of the language under what it looks like."""
    known = {word for words in _ROLES.values() for word in words}
    return {**_ROLES, "keyword.other.seq": tuple(sorted(load().words - known))}


def textmate() -> dict[str, Any]:
    """Return the grammar as TextMate and VS Code read it."""
    placeholder = {
        "name": "meta.template.expression.seq",
        "begin": r"\{\{",
        "end": r"\}\}",
        "patterns": [{"name": "variable.other.seq", "match": r"[\w.]+"}],
    }
    inside = [{"name": "constant.character.escape.seq", "match": r'\\(?:["\\nt]|u\{[0-9A-Fa-f]{1,6}\})'}, placeholder]
    patterns: list[dict[str, Any]] = [
        {"name": "comment.line.number-sign.seq", "match": "#.*$"},
        {"name": "string.quoted.triple.seq", "begin": '"""', "end": '"""', "patterns": inside},
        {"name": "string.quoted.double.seq", "begin": '"', "end": r'"|$', "patterns": inside},
        {
            "match": rf"(?<![.\w`])(step)\s+({_NAME})\s*(:)\s*({_NAME})",
            "captures": {
                "1": {"name": "keyword.declaration.seq"}, "2": {"name": "entity.name.function.seq"},
                "3": {"name": "punctuation.separator.seq"}, "4": {"name": "support.type.channel.seq"},
            },
        },
        {"match": rf"({_NAME})\s*(:)(?!\d)", "captures": {"1": {"name": "variable.parameter.seq"},
        "2": {"name": "punctuation.separator.seq"}}},
        {"name": "variable.other.quoted.seq", "match": r"`[^`\n]+`"},
        {"name": "constant.numeric.date.seq", "match": r"\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?\b"},
        {"name": "constant.numeric.time.seq", "match": r"\b\d\d:\d\d\b"},
        {"name": "constant.numeric.seq", "match": r"-?\b\d+(?:_\d+)*(?:\.\d+)?%?"},
        *(_words(role, words) for role, words in roles().items()),
        {"name": "keyword.operator.seq", "match": "!=|<=|>=|[=<>]"},
    ]  # fmt: skip
    return {
        "name": "seqlang",
        "scopeName": "source.seq",
        "fileTypes": ["seq"],
        "patterns": patterns,
    }


def text() -> str:
    """Return the file `grammar/seq.tmLanguage.json`."""
    return json.dumps(textmate(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
