"""What Jinja says of a template that it cannot read, in the words of its author, and at which piece of it."""

from __future__ import annotations

import re

from seqlang.frozen import Record

_PIECE = re.compile(r"\{\{.*?(?:\}\}|\}|$)|\{%.*?(?:%\}|\}|$)")
_SPACED = re.compile(r"\{\{-?\s*(\w+)\.(\w+(?: \w+)+)\s*-?\}\}")


class Piece(Record):
    """A placeholder that cannot be read."""

    start: int  # offset in the line
    end: int
    hint: str | None


def broken_piece(line: str) -> Piece | None:
    """Return the first placeholder of a line that Jinja cannot read by itself; None where each can be."""
    import jinja2

    environment = jinja2.Environment(autoescape=True)
    for hit in _PIECE.finditer(line):
        try:
            environment.parse(hit.group())
        except jinja2.TemplateSyntaxError as problem:
            if hit.group().startswith("{%") and "nd of template" in (problem.message or ""):
                continue  # its `{% endif %}` is elsewhere
            spaced = _SPACED.fullmatch(hit.group())
            name = spaced[2].lower().replace(" ", "_") if spaced is not None else ""
            hint = f"write `{{{{ {spaced[1]}.{name} }}}}`" if spaced is not None else None
            return Piece(hit.start(), hit.end(), hint)
    return None


# What Jinja says, and how an author would say it.
_JINJA = (
    (
        r"Unexpected end of template.*block that needs to be closed is '(\w+)'",
        r"`{% \1 %}` is not closed: `{% end\1 %}` is missing",
    ),
    (r"Encountered unknown tag '(end\w+|else|elif)'", r"`{% \1 %}` closes nothing"),
    (r"Encountered unknown tag '(\w+)'", r"there is no tag `{% \1 %}`"),
    (r"expected token 'end of print statement', got '(.+)'", r"`\1` does not belong into a placeholder"),
    (r"unexpected char '(.+)' at", r"`\1` means nothing in a template"),
    (r"unexpected end of template", r"a `{{` or `{%` is not closed"),
    (r"unexpected '(.+)', expected '(.+)'", r"`\2` is missing before `\1`"),
    (r"^unexpected '\}'$", r"a placeholder ends with `}}`, and here is only one `}`"),
    (r"unexpected '(.+)'", r"`\1` does not belong here"),
)


def reader_words(message: str) -> str:
    """Return what Jinja says of a template in the words of its author."""
    for pattern, said in _JINJA:
        found = re.search(pattern, message, re.DOTALL | re.IGNORECASE)
        if found is not None:
            return found.expand(said)
    text = message.strip().partition(". ")[0].rstrip(".").replace("'", "`")
    return f"the template cannot be read: {text[:1].lower()}{text[1:]}"
