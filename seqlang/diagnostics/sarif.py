"""Diagnostics as SARIF 2.1.0, for code scanning: places, related places, fixes, and the page of each code as its help."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.diagnostic import Diagnostic, Fix
from seqlang.diagnostics.explain import explain
from seqlang.diagnostics.source import Source, Span

if TYPE_CHECKING:
    from seqlang.diagnostics.report import Report

TOOL = "seqlang"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
PRINT = "seqlang/v1"  # which way of making fingerprints


def sarif(report: Report, prints: list[str]) -> str:
    """Return one document; `prints` are the fingerprints of the report's diagnostics, in their order."""
    codes = sorted({d.code for d in report.diagnostics})
    places = {code: n for n, code in enumerate(codes)}
    results = [_result(d, places[d.code], mark) for d, mark in zip(report.diagnostics, prints, strict=True)]
    run = {
        "tool": {"driver": {"name": TOOL, "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _file(path), "sourceLanguage": "seqlang"} for path in report.files],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _result(d: Diagnostic, rule: int, mark: str) -> dict[str, Any]:
    text = f"{d.message}; {d.hint}" if d.hint else d.message
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": rule,
        "level": d.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": _place(d.source, d.span)}],
        "partialFingerprints": {PRINT: mark},
    }
    if d.related:
        result["relatedLocations"] = [
            {"id": n, "physicalLocation": _place(r.source, r.span), "message": {"text": r.message}}
            for n, r in enumerate(d.related, start=1)
        ]
    if d.fix is not None:
        result["fixes"] = [_fix(d.source, d.fix)]
    return result


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    edits = [{"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.text}} for edit in fix.edits]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": _file(source.path), "replacements": edits}],
    }


def _rule(code: str) -> dict[str, Any]:
    entry = CATALOGUE.get(code)
    page = explain(code)
    if entry is None or page is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": page.meaning},
        "help": {"text": page.meaning, "markdown": page.markdown},
        "defaultConfiguration": {"level": entry.severity},
        "properties": {"tags": ["seqlang"]},
    }


def _place(source: Source, span: Span) -> dict[str, Any]:
    return {"artifactLocation": _file(source.path), "region": _region(source, span)}


def _file(path: str) -> dict[str, Any]:
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}


def _region(source: Source, span: Span) -> dict[str, Any]:
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
