"""Slips of the pen inside one token: what was meant, and what to say about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.syntax.literals import DIGITS_MAX

Piece = tuple[str, str, int, int, str | float]  # kind, text, start, end, value: of a token


class Slip(Record):
    """How a piece of text that is no token was taken."""

    tokens: tuple[Piece, ...]  # what it was meant to be; may be empty
    end: int  # offset to read on from
    diagnostic: Diagnostic | None
    start: int = -1  # offset from which on tokens that were read before are part of it; -1: none is


_OPERATORS = {
    "===": "=", "==": "=", "&&": "and", "&": "and", "||": "or", "|": "or", "!==": "!=", "<>": "!=", "=<": "<=", "=>": ">=",
    ">==": ">=", "≠": "!=", "≤": "<=", "≥": ">=", "!": "not", "¬": "not", "∧": "and", "∨": "or",
}  # fmt: skip
_UNITS = {
    "m": "minutes", "min": "minutes", "mins": "minutes", "minute": "minutes", "minutes": "minutes", "h": "hours", "hr": "hours",
    "hrs": "hours", "hour": "hours", "hours": "hours", "d": "days", "day": "days", "days": "days", "w": "weeks", "wk": "weeks",
    "week": "weeks", "weeks": "weeks", "wd": "working days",
}  # fmt: skip
_CHARACTERS = {
    "@": 'an e-mail address goes in quotes, as in `"ana@example.com"`',
    "/": 'an address or a time zone goes in quotes, as in `"Europe/Berlin"`',
    "+": "to raise a field write `add score 5`; to count from a day, `3 days from today`",
    "*": "leave it out: values are compared, not calculated",
    "→": "after the name of a step write `:`",
    "?": "one of several values is taken by `choose { … when …; … otherwise }`",
    "…": "leave it out, and write what it stands for",
    "\\": "a backslash belongs inside a text in quotes",
}
ADDRESS_HEAD_CHARS_MAX = 300  # looked at before the first sign of one that is no word
_INVISIBLE = "\u00a0\u1680\u180e\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff\u00ad\r\f\v\x85"


_ADDRESS = re.compile(
    r"https?://[^\s\"'“”,;{}()\[\]]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[A-Z]\w+(?:/[A-Z]\w+)+|\w[\w-]*(?:/[\w-]+)+\.\w{2,5}\b"
    r"|[a-z][\w-]*(?:\.[a-z][\w-]+)+/[\w./?=&%-]*"
)
_NO_END = re.compile(r"[^\s\"'“”,;{}()\[\]]*")  # none of these is part of an address


def read(source: Source, start: int) -> Slip:
    """Return what stands at offset `start`, where no right token does."""
    for pattern, take in _kinds():
        hit = pattern.match(source.text, start)
        slip = take(source, hit) if hit is not None else None
        if slip is not None:
            return slip
    span = Span(start, start + 1)
    char = source.text[start]
    shown = f"`{char}`" if char.isprintable() else f"the character number {ord(char):X}"
    hint = _CHARACTERS.get(char, "leave it out, or put the text that it belongs to in quotes")
    return Slip((), start + 1, problem("SEQ106", source, span, f"{shown} means nothing here", hint=hint))


def _replacing(
    source: Source,
    hit: re.Match[str],
    code: str,
    message: str,
    text: str,
    tokens: tuple[Piece, ...],
    *,
    hint: str | None = None,
) -> Slip:
    """Return a slip whose mend is to write `text` in its place."""
    span = Span(hit.start(), hit.end())
    title = f"write `{text}`" if text.strip() else "write a plain space"
    fix = Fix(title, (Edit(span, text),), safe=True)
    return Slip(tokens, hit.end(), problem(code, source, span, message, hint=hint, fix=fix))


def _one(hit: re.Match[str], kind: str, text: str, value: str | float = "") -> tuple[Piece, ...]:
    return ((kind, text, hit.start(), hit.end(), value),)


def _quotes(source: Source, hit: re.Match[str]) -> Slip:
    inside = hit.group(1)
    text = '"' + inside.replace("\\", "\\\\").replace('"', '\\"') + '"'
    tokens = _one(hit, "STRING", text, inside)
    return _replacing(source, hit, "SEQ107", "a text goes in straight quotes", text, tokens, hint='write `"…"`')


def _over_lines(source: Source, hit: re.Match[str]) -> Slip:
    """A text in single quotation marks that goes on over some lines: nothing but its end has another mark."""
    span = Span(hit.start(), hit.end())
    text = f'""{hit.group()}""'
    fix = Fix('write `"""…"""`', (Edit(Span(span.start, span.start), '""'), Edit(Span(span.end, span.end), '""')), safe=True)
    found = problem("SEQ107", source, Span(span.start, span.start + 1), 'a text over several lines goes in `"""`', fix=fix)
    return Slip(_one(hit, "STRING", text, hit.group(1)), hit.end(), found)


def _block_comment(source: Source, hit: re.Match[str]) -> Slip:
    """`/* … */`."""
    text = "\n".join(f"# {line.strip(' *')}".rstrip() for line in hit.group()[2:-2].strip().split("\n"))
    return _replacing(source, hit, "SEQ127", "a comment begins with `#`", text, ())


def _open_text(source: Source, hit: re.Match[str]) -> Slip:
    body = hit.group(1)
    span = Span(hit.start(), hit.start() + 1)
    hint = 'a text ends with `"` on its own line; over several lines write `"""…"""`'
    found = problem("SEQ103", source, span, "this text is not closed", hint=hint)
    return Slip(_one(hit, "STRING", hit.group(), body), hit.end(), found)


def _open_long_text(source: Source, hit: re.Match[str]) -> Slip:
    span = Span(hit.start(), hit.start() + 3)
    found = problem("SEQ103", source, span, "this text is not closed", hint='a text over several lines ends with `"""`')
    return Slip(_one(hit, "STRING", hit.group(), hit.group(1)), hit.end(), found)


def _open_name(source: Source, hit: re.Match[str]) -> Slip:
    span = Span(hit.start(), hit.end())
    if not hit.group(1):
        return Slip(
            _one(hit, "NAME", "`x`", "x"), hit.end(), problem("SEQ103", source, span, "there is no name between these backticks")
        )
    found = problem("SEQ103", source, span, "this name is not closed", hint="a name in backticks ends with one, on its own line")
    return Slip(_one(hit, "NAME", hit.group(), hit.group(1).strip()), hit.end(), found)


def _operator(source: Source, hit: re.Match[str]) -> Slip:
    right = _OPERATORS[hit.group()]
    kind = "WORD" if right.isalpha() else right
    around = source.text[hit.start() - 1 : hit.start()], source.text[hit.end() : hit.end() + 1]
    text = right
    if kind == "WORD":  # `!replied` becomes `not replied`
        text = (" " if around[0].isalnum() else "") + right + (" " if around[1].strip() else "")
    return _replacing(source, hit, "SEQ108", f"`{hit.group()}` is written `{right}`", text, _one(hit, kind, right, right))


def _bare_text(source: Source, hit: re.Match[str]) -> Slip | None:
    """`ana@example.com`, `https://example.com/x`, `Europe/Berlin`: words that were read before are a part of it."""
    at, rest = hit.start(), _NO_END.match(source.text, hit.start())
    assert rest is not None  # it may be empty
    first = max(0, at - ADDRESS_HEAD_CHARS_MAX)
    first = max(first, source.text.rfind("\n", first, at) + 1)
    whole = next((one for one in _ADDRESS.finditer(source.text, first, rest.end()) if one.start() < at < one.end()), None)
    if whole is None:
        return None
    span, text = Span(whole.start(), whole.end()), f'"{whole.group()}"'
    found = problem(
        "SEQ120", source, span, f"`{whole.group()}` goes in quotes", hint=f"write `{text}`",
        fix=Fix(f"write `{text}`", (Edit(span, text),), safe=True),
    )  # fmt: skip
    return Slip((("STRING", text, span.start, span.end, whole.group()),), span.end, found, span.start)


def _bullet(source: Source, hit: re.Match[str]) -> Slip | None:
    """`•` or `1.` before a statement, from a list of a document."""
    if not _begins_line(source.text, hit.start()):
        return None
    mark = hit.group().rstrip()
    span = Span(hit.start(), hit.start() + len(mark))
    fix = Fix(f"leave out `{mark}`", (Edit(Span(hit.start(), hit.end()), ""),), safe=True)
    return Slip((), hit.end(), problem("SEQ106", source, span, f"`{mark}` is the mark of a list", hint="leave it out", fix=fix))


def _begins_line(text: str, at: int) -> bool:
    while at and text[at - 1] != "\n" and text[at - 1].isspace():
        at -= 1
    return at == 0 or text[at - 1] == "\n"


def _currency(source: Source, hit: re.Match[str]) -> Slip:
    span = Span(hit.start(), hit.end())
    fix = Fix(f"leave out `{hit.group().strip()}`", (Edit(span, ""),), safe=True)
    message = f"a number bears no `{hit.group().strip()}`"
    return Slip((), hit.end(), problem("SEQ106", source, span, message, hint="leave it out", fix=fix))


def _grouped(source: Source, hit: re.Match[str]) -> Slip | None:
    """`1.000.000`, `10k`."""
    number, power = hit.group(1), {"k": 3, "m": 6}.get(hit.group(2).lower(), 0)
    digits = number.replace(".", "")
    if len(digits) + power > DIGITS_MAX:
        return None
    value = round(float(number) * 10**power) if power else int(digits)
    written = f"{value:_}"
    tokens = _one(hit, "NUMBER", written, value)
    return _replacing(source, hit, "SEQ105", f"`{hit.group()}` is written `{written}`", written, tokens)


def _colon_behind(source: Source, hit: re.Match[str]) -> Slip:  # noqa: ARG001
    """`1:`, as in `day 1: email`: the number is one."""
    return Slip(_one(hit, "NUMBER", hit.group(), int(hit.group()[:DIGITS_MAX])), hit.end(), None)


def _minus(source: Source, hit: re.Match[str]) -> Slip:  # noqa: ARG001
    """`-5pm`, as in `9am-5pm`: the sign between two times."""
    return Slip(_one(hit, "-", "-"), hit.end(), None)


def _french_time(source: Source, hit: re.Match[str]) -> Slip:
    right = f"{hit.group(1):0>2}:{hit.group(2)}"
    return _replacing(source, hit, "SEQ125", f"the time `{hit.group()}` is written `{right}`", right, _one(hit, "TIME", right))


def _slashes(source: Source, hit: re.Match[str]) -> Slip:
    text = "#" + hit.group()[2:]
    return _replacing(source, hit, "SEQ127", "a comment begins with `#`", text, _one(hit, "#", text))


def _invisible(source: Source, hit: re.Match[str]) -> Slip:
    message = "this looks like a space and is none" if hit.group()[0] in "\u00a0\u2007\u202f\u3000" else "an invisible character"
    return _replacing(source, hit, "SEQ119", message, " ", (), hint="it often comes along when text is copied from a document")


def _dash(source: Source, hit: re.Match[str]) -> Slip:
    digits = hit.group(1)
    if digits and not re.compile(r"[ \t]*\d\d?:\d\d").match(source.text, hit.start() + 1):
        plain = digits.replace("_", "")
        tokens = _one(hit, "NUMBER", "-" + digits, -float(plain) if "." in plain else -int(plain[:DIGITS_MAX]))
        return _replacing(source, hit, "SEQ108", f"`{hit.group()}` is written `-{digits}`", "-" + digits, tokens)
    dash = re.compile(".").match(source.text, hit.start())
    assert dash is not None
    return _replacing(source, dash, "SEQ108", f"`{dash.group()}` is written `-`", "-", _one(dash, "-", "-"))


def _glued_unit(source: Source, hit: re.Match[str]) -> Slip:
    number, unit = hit.group(1), _UNITS[hit.group(2)]
    if number.lstrip("-") == "1" and unit != "working days":
        unit = unit[:-1]
    tokens: list[Piece] = [("NUMBER", number, hit.start(1), hit.end(1), int(number[:DIGITS_MAX]))]
    tokens.extend(("WORD", word, hit.start(2), hit.end(2), word) for word in unit.split())
    return _replacing(source, hit, "SEQ109", f"`{hit.group()}` is written `{number} {unit}`", f"{number} {unit}", tuple(tokens))


def _bad_date(source: Source, hit: re.Match[str]) -> Slip:
    first, second, third = hit.group(1), hit.group(2), hit.group(3)
    right = ""
    if len(first) == 4:
        right = f"{first}-{second:0>2}-{third:0>2}"
    elif len(third) == 4 and ("." in hit.group() or int(first) > 12 >= int(second)):
        right = f"{third}-{second:0>2}-{first:0>2}"
    elif len(third) == 4 and int(second) > 12 >= int(first):
        right = f"{third}-{first:0>2}-{second:0>2}"
    tokens = _one(hit, "DATE", right or "2000-01-01")
    if right:
        return _replacing(source, hit, "SEQ125", f"the date `{hit.group()}` is written `{right}`", right, tokens)
    found = problem(
        "SEQ125",
        source,
        Span(hit.start(), hit.end()),
        f"the date `{hit.group()}` cannot be read",
        hint="write year, month, day, as in `2026-03-02`",
    )
    return Slip(tokens, hit.end(), found)


def _bad_instant(source: Source, hit: re.Match[str]) -> Slip:
    right = f"{hit.group(1)}T{hit.group(2):0>5}{hit.group(3) or ''}"
    return _replacing(
        source, hit, "SEQ125", f"the instant `{hit.group()}` is written `{right}`", right, _one(hit, "INSTANT", right)
    )


def _bad_time(source: Source, hit: re.Match[str]) -> Slip:
    hour, minute, half = int(hit.group(1)), hit.group(2) or "00", (hit.group(3) or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    right = f"{hour:02}:{minute}"
    if hour > 23 or int(minute) > 59:
        found = problem(
            "SEQ125", source, Span(hit.start(), hit.end()), f"there is no time `{hit.group()}`", hint="write it as in `09:30`"
        )
        return Slip(_one(hit, "TIME", "00:00"), hit.end(), found)
    return _replacing(source, hit, "SEQ125", f"the time `{hit.group()}` is written `{right}`", right, _one(hit, "TIME", right))


def _bad_number(source: Source, hit: re.Match[str]) -> Slip:
    hint = "a number is written as in `10`, `-2.5` or `10_000`; a name that begins with a digit goes in backticks"
    if re.fullmatch(r"\d\d?-\d\d?", hit.group()):
        hint = "hours of the day are written as in `09:00-17:00`"
    elif re.fullmatch(r"\d\d?/\d\d?", hit.group()):
        hint = 'shares are written one by one, as in `50% "a" { … }`'
    found = problem("SEQ105", source, Span(hit.start(), hit.end()), f"`{hit.group()}` is not a number", hint=hint)
    return Slip(_one(hit, "NUMBER", "0", 0), hit.end(), found)


@cache
def _kinds() -> tuple[tuple[re.Pattern[str], Callable[[Source, re.Match[str]], Slip | None]], ...]:
    """Return the patterns of slips, in the order in which they are tried; few files need them."""
    plain = r'[^“”„‟«»"\n]'  # no mark of a text
    return (
        (re.compile(r'"""(.*)', re.DOTALL), _open_long_text),
        (re.compile(r"/\*.*?\*/", re.DOTALL), _block_comment),
        (re.compile(r"[@/]"), _bare_text),
        (re.compile(r"(?:[•‣◦▪▫●○·*–—]|\d{1,2}\.)[ \t]+"), _bullet),
        (re.compile(r"[€$£¥][ \t]*(?=\d)|(?<=\d)[€$£¥]|(?<=\d )[€$£¥]"), _currency),
        (re.compile(r'"([^"”“\n]*)[”“]'), _quotes),
        (re.compile(r'"([^"\n]*\n[^"]*)"(?=[ \t]*[,}\])]*[ \t]*(?:#[^"\n]*)?(?:\n|$))'), _over_lines),
        (re.compile(r'"([^\n]*)'), _open_text),
        (re.compile(rf'[“„«]((?:{plain}*(?<=[\s“„«(])"(?=\S){plain}*(?<=\S)"(?=[\s”“».,;:!?)]))+{plain}*)[”“»]'), _quotes),
        (re.compile(rf'[“”„‟«»]({plain}*)[“”‟«»"]'), _quotes),
        (re.compile(r"['‘’‚‹›]([^'‘’‚‹›\n]*)['‘’‹›]"), _quotes),
        (re.compile("`([^`\n]*)`?"), _open_name),
        (re.compile("|".join(re.escape(sign) for sign in sorted(_OPERATORS, key=len, reverse=True))), _operator),
        (re.compile(r"//[^\n]*"), _slashes),
        (re.compile(f"[{_INVISIBLE}]+"), _invisible),
        (re.compile(r"[–—−‐‑][ \t]*(\d+(?:_\d+)*(?:\.\d+)?(?!\w))?"), _dash),
        (re.compile(rf"(-?\d+)({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?!\w)"), _glued_unit),
        (re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt]| +)(\d\d?:\d\d)(Z|[+-]\d\d:\d\d)?(?![\w:])"), _bad_instant),
        (re.compile(r"(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?![\w./-])"), _bad_date),
        (re.compile(r"(\d{1,3}(?:\.\d{3}){2,})()(?![\w.:/])"), _grouped),
        (re.compile(r"(\d+(?:\.\d+)?)([kKM])(?!\w)"), _grouped),
        (re.compile(r"\d+(?=:(?!\d))"), _colon_behind),
        (re.compile(r"-(?=\d\d? ?[ap]m\b)", re.IGNORECASE), _minus),
        (re.compile(r"([01]?\d|2[0-3])h([0-5]\d)(?!\w)"), _french_time),
        (re.compile(r"(\d\d?):(\d\d)(?::\d\d)?(?: ?([ap]\.?m)\b\.?)?(?![\w:])", re.IGNORECASE), _bad_time),
        (re.compile(r"(\d\d?)()([ap]m)(?!\w)", re.IGNORECASE), _bad_time),
        (re.compile(r"-?\d[\w.:/]*(?:-\d[\w.:/]*)*"), _bad_number),
    )
