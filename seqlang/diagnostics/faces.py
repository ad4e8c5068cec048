"""The faces of diagnostics: for people, for programs, and for the services that show them beside a change."""

from __future__ import annotations

from collections.abc import Callable

from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Related
from seqlang.diagnostics.masking import Masks
from seqlang.diagnostics.report import Report as Report  # noqa: PLC0414  # what the faces show


def face_text(report: Report, *, colour: bool = False) -> str:
    """Each with its lines of source and a marker below the place, then a sentence that counts."""
    masks = Masks(report.diagnostics)
    blocks = [_block(d, masks, colour=colour) for d in report.diagnostics]
    return "\n\n".join([*blocks, summary(report)])


def face_concise(report: Report) -> str:
    """A line each: `path:line:column: severity[CODE] message`."""
    lines = []
    for d in report.diagnostics:
        line, column = d.source.position(d.span.start)
        lines.append(f"{d.source.path}:{line}:{column}: {d.severity}[{d.code}] {_sentence(d)}")
    return "\n".join([*lines, summary(report)])


def face_json(report: Report) -> str:
    """One document (COMMANDS.md, `check --format json`)."""
    import json

    found = []
    for d in report.diagnostics:
        line, column, end_line, end_column = _range(d)
        found.append(
            {
                "code": d.code,
                "severity": d.severity,
                "message": d.message,
                "path": d.source.path,
                "line": line,
                "column": column,
                "end_line": end_line,
                "end_column": end_column,
                "fix": d.fix.title if d.fix else None,
                "hint": d.hint,
                "safe": d.fix.safe if d.fix else None,
                "edits": [_edit(d, edit) for edit in d.fix.edits] if d.fix else [],
                "related": [_related(r) for r in d.related],
            }
        )
    document = {
        "files": len(report.files),
        "errors": report.count("error"),
        "warnings": report.count("warning"),
        "diagnostics": found,
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def face_sarif(report: Report) -> str:
    """SARIF 2.1.0, for code scanning."""
    from seqlang.diagnostics.sarif import sarif

    return sarif(report, _fingerprints(report))


def face_github(report: Report) -> str:
    """Workflow commands: annotations beside the change."""
    lines = []
    for d in report.diagnostics:
        line, column, end_line, end_column = _range(d)
        place = f"file={_property(d.source.path)},line={line},endLine={end_line}"
        if line == end_line:  # with columns, a place of several lines is not shown at all
            place += f",col={column},endColumn={end_column}"
        lines.append(f"::{d.severity} {place},title={_property(d.code)}::{_data(_sentence(d))}")
    return "\n".join(lines)


def face_gitlab(report: Report) -> str:
    """A code quality report."""
    import json

    found = []
    for d, mark in zip(report.diagnostics, _fingerprints(report), strict=True):
        line, _, end_line, _ = _range(d)
        found.append(
            {
                "description": _sentence(d),
                "check_name": d.code,
                "fingerprint": mark,
                "severity": "major" if d.severity == "error" else "minor",
                "location": {"path": d.source.path, "lines": {"begin": line, "end": end_line}},
            }
        )
    return json.dumps(found, ensure_ascii=False, indent=2)


def face_junit(report: Report) -> str:
    """JUnit: a case each file; an error makes it a failure, warnings alone do not."""
    cases = []
    failed = 0
    for path in report.files:
        own = [d for d in report.diagnostics if d.source.path == path]
        errors = [d for d in own if d.severity == "error"]
        shown = "\n".join(
            f"{path}:{':'.join(map(str, d.source.position(d.span.start)))}: {d.severity}[{d.code}] {_sentence(d)}" for d in own
        )
        inside = ""
        if errors:
            failed += 1
            head = f"<failure message={_quote(_sentence(errors[0]))} type={_quote(errors[0].code)}>"
            inside = f"{head}{_escape(shown)}</failure>"
        elif own:
            inside = f"<system-out>{_escape(shown)}</system-out>"
        cases.append(f'    <testcase classname="seqlang.check" name={_quote(path)} time="0">{inside}</testcase>')
    head = f'<testsuite name="seqlang check" tests="{len(cases)}" failures="{failed}" errors="0" skipped="0" time="0">'
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", f"  {head}", *cases, "  </testsuite>", "</testsuites>"]
    )


FACES: dict[str, Callable[[Report], str]] = {
    "text": face_text,
    "concise": face_concise,
    "json": face_json,
    "sarif": face_sarif,
    "github": face_github,
    "gitlab": face_gitlab,
    "junit": face_junit,
}


def summary(report: Report) -> str:
    """Return one sentence: how many files, errors and warnings."""
    errors, warnings = report.count("error"), report.count("warning")
    files = _plural(len(report.files), "file")
    if not errors and not warnings:
        return f"{files}: nothing wrong"
    said = " and ".join(_plural(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n)
    return f"{files}: {said}"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _sentence(d: Diagnostic) -> str:
    return f"{d.message}; {d.hint}" if d.hint else d.message


def _edit(d: Diagnostic, edit: Edit) -> dict[str, object]:
    line, column = d.source.position(edit.span.start)
    end_line, end_column = d.source.position(edit.span.end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column, "text": edit.text}


def _related(r: Related) -> dict[str, object]:
    line, column = r.source.position(r.span.start)
    return {"message": r.message, "path": r.source.path, "line": line, "column": column}


def _range(d: Diagnostic) -> tuple[int, int, int, int]:
    return *d.source.position(d.span.start), *d.source.position(max(d.span.end, d.span.start))


def _fingerprints(report: Report) -> list[str]:
    """The same mistake keeps its name when lines are added above it; of several alike each has its own."""
    from hashlib import sha256

    seen: dict[str, int] = {}
    prints = []
    masks = Masks(report.diagnostics)  # whoever knows the rest of the line could try what the secret is
    for d in report.diagnostics:
        line, _ = d.source.position(d.span.start)
        text = f"{d.code}\n{d.source.path}\n{masks.line(d.source, line).strip()}\n{d.message}"
        seen[text] = seen.get(text, 0) + 1
        again = f"\n{seen[text]}" if seen[text] > 1 else ""
        prints.append(sha256((text + again).encode()).hexdigest())
    return prints


def _block(d: Diagnostic, masks: Masks, *, colour: bool) -> str:
    def paint(style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if colour else text

    tone = "1;31" if d.severity == "error" else "1;33"
    line, column, end_line, end_column = _range(d)
    lines = [f"{paint(tone, f'{d.severity}[{d.code}]')}: {paint('1', d.message)}"]
    gutter = " " * len(str(line))
    lines.append(f"{gutter} {paint('34', '-->')} {d.source.path}:{line}:{column}")
    if d.source.text:
        shown = masks.line(d.source, line).translate(_PLAIN)
        before = shown[: column - 1]
        marked = shown[column - 1 : end_column - 1 if end_line == line else None]
        hint = f" {d.hint}" if d.hint else ""
        bar = paint("34", "|")
        lines += [
            f"{gutter} {bar}",
            f"{paint('34', str(line))} {bar} {shown}",
            f"{gutter} {bar} {' ' * _width(before)}{paint(tone, '^' * max(_width(marked), 1) + hint)}",
        ]
    elif d.hint:
        lines.append(f"{gutter} = {d.hint}")
    for other in d.related:
        row, col = other.source.position(other.span.start)
        lines.append(f"{gutter} = {other.message}: {other.source.path}:{row}:{col}")
    return "\n".join(lines)


def _width(text: str) -> int:
    """How many columns a terminal takes for a text: two for wide signs and emoji, none for those that join others."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


# What would move the marker or the cursor: a tab is one column here, and other signs that steer are not passed on to a terminal.
_PLAIN = {9: " ", **dict.fromkeys((*range(9), *range(10, 32), *range(127, 160)), "�")}
_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")


def _escape(text: str) -> str:
    text = text.translate(_NOT_XML)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quote(text: str) -> str:
    escaped = _escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")
    return f'"{escaped}"'


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
