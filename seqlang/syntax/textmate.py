"""The TextMate grammar for editors, its words taken from the grammar: `python -m seqlang.syntax.textmate` prints it."""

from __future__ import annotations

import json
import sys
from typing import Any

from seqlang.syntax.table import load
from seqlang.vocabulary.words import roles_of

_NAME = r"(?:`[^`\n]+`|[^\W\d]\w*)"


def _words(role: str, words: tuple[str, ...]) -> dict[str, str]:
    return {"name": role, "match": rf"(?<![.\w`])(?:{'|'.join(sorted(words))})(?!\w|\s*:)"}


def roles() -> dict[str, tuple[str, ...]]:
    """Return every word of the language under its scope."""
    return {f"{role}.seq": words for role, words in roles_of(load().words).items()}


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
