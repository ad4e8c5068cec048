"""Colours for `.seq` texts wherever Pygments draws them: documentation, Sphinx, MkDocs, GitLab, LaTeX."""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, Whitespace

from seqlang.syntax.textmate import roles

_NAME = r"(?:`[^`\n]+`|[^\W\d]\w*)"
_TOKENS = {
    "keyword.declaration.seq": Keyword.Declaration, "keyword.control.seq": Keyword, "keyword.operator.word.seq": Operator.Word,
    "constant.language.seq": Keyword.Constant, "support.function.seq": Name.Builtin, "keyword.other.unit.seq": Keyword.Type,
    "keyword.other.seq": Keyword,
}  # fmt: skip


class SeqLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """The language of sales sequences."""

    name = "seqlang"
    aliases: ClassVar[list[str]] = ["seq", "seqlang"]
    filenames: ClassVar[list[str]] = ["*.seq"]
    mimetypes: ClassVar[list[str]] = ["text/x-seqlang"]
    tokens: ClassVar = {
        "root": [
            (r"[ \t\r\n]+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"""', String.Double, "long"),
            (r'"', String.Double, "text"),
            (
                rf"(step)(\s+)({_NAME})(\s*)(:)(\s*)({_NAME})",
                bygroups(Keyword.Declaration, Whitespace, Name.Function, Whitespace, Punctuation, Whitespace, Name.Class),
            ),
            (rf"({_NAME})(\s*)(:)(?!\d)", bygroups(Name.Attribute, Whitespace, Punctuation)),
            (r"`[^`\n]+`", Name.Variable),
            (r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?", Number.Date),
            (r"\d\d:\d\d", Number.Time),
            (r"-?\d+(?:_\d+)*(?:\.\d+)?%?", Number),
            *((words(sorted(some), prefix=r"(?<![.\w`])", suffix=r"(?!\w)"), _TOKENS[role]) for role, some in roles().items()),
            (r"(\.)(\w+)", bygroups(Punctuation, Name.Variable)),
            (r"[^\W\d]\w*", Name),
            (r"!=|<=|>=|[=<>]", Operator),
            (r"[{}()\[\],;:.%-]", Punctuation),
        ],
        "text": [
            (r'"|(?=\n)', String.Double, "#pop"),
            (r'\\(?:["\\nt]|u\{[0-9A-Fa-f]{1,6}\})', String.Escape),
            (r"\{\{", String.Interpol, "placeholder"),
            (r'[^"\\\n{]+|[\\{]', String.Double),
        ],
        "long": [
            (r'"""', String.Double, "#pop"),
            (r'\\(?:["\\nt]|u\{[0-9A-Fa-f]{1,6}\})', String.Escape),
            (r"\{\{", String.Interpol, "placeholder"),
            (r'[^"\\{]+|["\\{]', String.Double),
        ],
        "placeholder": [
            (r"\}\}", String.Interpol, "#pop"),
            (r"(?=\n|\")", Text, "#pop"),
            (r"[\w.]+", Name.Variable),
            (r"'[^'\n\"]*'", String.Single),
            (r".", String.Interpol),
        ],
    }
