"""The files of editors that are made from the words of the language: `python -m seqlang.editing.editors` writes them anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from seqlang.syntax.textmate import roles
from seqlang.syntax.textmate import text as textmate_text
from seqlang.vocabulary.words import snippets

_VIM_GROUPS = {
    "keyword.declaration.seq": ("seqDeclaration", "Statement"), "keyword.control.seq": ("seqControl", "Conditional"),
    "keyword.operator.word.seq": ("seqOperator", "Operator"), "constant.language.seq": ("seqConstant", "Constant"),
    "support.function.seq": ("seqFact", "Function"), "keyword.other.unit.seq": ("seqUnit", "Type"),
    "keyword.other.seq": ("seqKeyword", "Keyword"),
}  # fmt: skip
_VIM_LINKS = (
    ("seqNumber", "Number"), ("seqDate", "Number"), ("seqTime", "Number"), ("seqOption", "Identifier"),
    ("seqStepName", "Function"), ("seqChannel", "Type"), ("seqQuotedName", "Identifier"), ("seqSign", "Operator"),
    ("seqEscape", "SpecialChar"), ("seqPlaceholder", "Special"), ("seqText", "String"), ("seqComment", "Comment"),
)  # fmt: skip
_VIM_RESERVED = frozenset({"contains"})  # arguments of `syntax keyword`
_WIDTH = 110


def files() -> dict[str, str]:
    """Return every file that is made, by its path in the repository."""
    return {
        "grammar/seq.tmLanguage.json": textmate_text(),
        "editors/vscode/syntaxes/seq.tmLanguage.json": textmate_text(),
        "editors/vscode/snippets/seq.json": vscode_snippets(),
        "editors/vim/syntax/seq.vim": vim_syntax(),
    }


def vscode_snippets() -> str:
    """Return the snippets as VS Code reads them."""
    made = {
        one.label: {"prefix": one.label.split(" …")[0], "description": f"{one.label} ({', '.join(one.kinds) or 'top of a file'})",
                    "body": one.text.splitlines()}
        for one in snippets()
    }  # fmt: skip
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def vim_syntax() -> str:
    """Return the syntax file for Vim and Neovim."""
    lines = [
        '" Vim syntax file of the seqlang language (.seq).',
        '" Made by `python -m seqlang.editing.editors`; not to be edited by hand.',
        'if exists("b:current_syntax")',
        "  finish",
        "endif",
        "",
        "syntax case match",
        "syntax iskeyword @,48-57,_,192-255",
        "",
    ]
    for role, words in roles().items():
        group = _VIM_GROUPS[role][0]
        line = f"syntax keyword {group}"
        for word in sorted(words):
            if word in _VIM_RESERVED:
                lines.append(rf"syntax match {group} '\<{word}\>'")
                continue
            if len(line) + len(word) + 1 > _WIDTH:
                lines.append(line)
                line = f"syntax keyword {group}"
            line += f" {word}"
        lines.append(line)
    lines += [
        "",
        r"syntax match seqNumber '\v<\d+(_\d+)*(\.\d+)?\%?'",
        r"syntax match seqDate '\v<\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?'",
        r"syntax match seqTime '\v<\d\d:\d\d>'",
        r"syntax match seqOption '\v<\h\w*\ze\s*:(\d)@!'",
        r"syntax match seqStepName '\v(<step\s+)@<=[^:[:space:]]+\ze\s*:'",
        r"syntax match seqChannel '\v(<step\s+(\w+|`[^`]+`)\s*:\s*)@<=\h\w*'",
        r"syntax match seqQuotedName '`[^`]*`'",
        r"syntax match seqSign '\v[=<>!]+'",
        r"syntax match seqEscape contained '\v\\([\"nt\\]|u\{\x{1,6}\})'",
        r"syntax region seqPlaceholder contained start='{{' end='}}' oneline",
        r"syntax region seqText start='\"' skip='\\.' end='\"\|$' contains=seqEscape,seqPlaceholder,@Spell",
        r"syntax region seqText start='\"\"\"' end='\"\"\"' contains=seqEscape,seqPlaceholder,@Spell",
        r"syntax match seqComment '#.*$' contains=@Spell",
        r"syntax region seqBlock start='{' end='}' transparent fold",
        "syntax sync minlines=200",
        "",
    ]
    lines += [f"highlight default link {group} {other}" for group, other in (*_VIM_GROUPS.values(), *_VIM_LINKS)]
    return "\n".join([*lines, "", 'let b:current_syntax = "seq"']) + "\n"


def main(root: Path) -> None:
    """Write every file below the root of the repository."""
    for path, text in files().items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd())
