"""What literals stand for: escapes in texts, the indentation of long texts, numbers."""

from __future__ import annotations

import re

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix
from seqlang.diagnostics.source import Source, Span

_ESCAPE = re.compile(r"\\(u\{([0-9A-Fa-f]{1,6})\}|u\{[^}\"\n]*\}?|.|\Z)", re.DOTALL)
_SIMPLE = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
DIGITS_MAX = 18  # of a number: what a 64-bit column holds


def read_text(source: Source, body: str, at: int, found: list[Diagnostic]) -> str:
    """Resolve the escapes of a text's inside, which begins at offset `at`."""

    def resolve(hit: re.Match[str]) -> str:
        simple = _SIMPLE.get(hit.group(1))
        if simple is not None:
            return simple
        if hit.group(2):
            code = int(hit.group(2), 16)
            if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF and code:
                return chr(code)
        span = Span(at + hit.start(), at + hit.end())
        found.append(_bad_escape(source, hit.group(), span))
        return hit.group()

    return _ESCAPE.sub(resolve, body)


def _bad_escape(source: Source, written: str, span: Span) -> Diagnostic:
    if written.startswith("\\u"):
        return problem(
            "SEQ104", source, span, f"`{written}` is not a character", hint="write the number of one, as in `\\u{1F600}`"
        )
    fix = Fix("write two backslashes", (Edit(Span(span.start, span.start + 1), "\\\\"),))
    hint = 'a backslash goes before `"`, `\\`, `n`, `t` or `u{…}`; for a backslash itself write two'
    return problem("SEQ104", source, span, f"`{written.strip()}` means nothing in a text", hint=hint, fix=fix)


def read_long_text(source: Source, raw: str, start: int, found: list[Diagnostic]) -> str:
    """Return what a text in three quotes stands for.

    The line ends right behind the opening quotes and right before the closing ones do not belong to it, and what white space
    all its lines begin with is taken away (lines without anything else do not count).
    """
    body = raw[3:-3]
    offset = start + 3
    lines = body.split("\n")
    if len(lines) == 1:
        return read_text(source, body, offset, found) if "\\" in body else body
    places = []  # of each line, to report an escape where it stands
    for line in lines:
        places.append(offset)
        offset += len(line) + 1
    first_counts = bool(lines[0].strip())
    counted = [line for line in (lines if first_counts else lines[1:]) if line.strip()]
    if first_counts:
        counted = [line for line in lines[1:] if line.strip()]
    common = _common_indent(counted)
    kept: list[str] = []
    for number, line in enumerate(lines):
        if number == 0:
            if not first_counts:
                continue
            cut = 0
        elif number == len(lines) - 1 and not line.strip():
            continue
        else:
            cut = common if line.strip() else min(common, len(line))
        rest = line[cut:]
        kept.append(read_text(source, rest, places[number] + cut, found) if "\\" in rest else rest)
    return "\n".join(kept)


def _common_indent(lines: list[str]) -> int:
    """Return how many characters of white space all lines begin with, the same ones."""
    if not lines:
        return 0
    low, high = min(lines), max(lines)
    count = 0
    for one, other in zip(low, high, strict=False):
        if one != other or one not in " \t":
            break
        count += 1
    return count


def read_number(source: Source, raw: str, start: int, found: list[Diagnostic]) -> float | int:
    """Return the number that `10_000` or `-2.5` stands for."""
    digits = raw.replace("_", "")
    if len(digits) > DIGITS_MAX + 2 or (len(digits.lstrip("-")) > DIGITS_MAX and "." not in digits):
        span = Span(start, start + len(raw))
        found.append(problem("SEQ105", source, span, "this number is too long", hint=f"at most {DIGITS_MAX} digits"))
        return 0
    return float(digits) if "." in digits else int(digits)


def long_text_lines(raw: str) -> list[str] | None:
    """Return the lines of a text in three quotes as they are written, without the common indentation; None: all are blank.

    Where they all begin with white space (which would be taken for indentation) the first of it is written as an escape.
    """
    lines = raw[3:-3].split("\n")
    first = lines.pop(0)
    if lines and not lines[-1].strip():
        lines.pop()
    common = _common_indent([line for line in lines if line.strip()])
    lines = [line[common:] if line.strip() else line[min(common, len(line)) :] for line in lines]
    if first.strip():
        lines.insert(0, first)
    places = [n for n, line in enumerate(lines) if line.strip()]
    if not places:
        return None
    if all(lines[n][0] in " \t" for n in places):
        line = lines[places[0]]
        lines[places[0]] = ("\\t" if line[0] == "\t" else "\\u{20}") + line[1:]
    return lines
