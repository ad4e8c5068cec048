"""Drafts: what a person gets to edit, and the message that what they made of it becomes."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.entities import html5
from typing import Any

from seqlang.sdk.messages import Body, fill
from seqlang.vocabulary.templates import MARKUP, format_of

# What stands in mails; anything else between angle brackets is text: "<Kim>", "a < b".
TAGS = frozenset({
    "a", "abbr", "address", "article", "aside", "b", "big", "blockquote", "body", "br", "center", "cite", "code", "dd",
    "del", "div", "dl", "dt", "em", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr",
    "html", "i", "img", "ins", "li", "link", "main", "meta", "mj-body", "mj-button", "mj-column", "mj-head", "mj-section",
    "mj-text", "mjml", "nav", "ol", "p", "pre", "q", "s", "section", "small", "span", "strike", "strong", "style", "sub",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "tt", "u", "ul",
})  # fmt: skip
_TAG = re.compile(r"</?([a-z][a-z0-9-]*)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_DECLARED = re.compile(r"<!(?:doctype\b|--)", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|([a-z][a-z0-9]{1,31}));", re.IGNORECASE)
_MJML = re.compile(r"<mjml\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]])", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_NO_MARKS = {0xE000: None, 0xE001: None}  # they mark the places of values, and a draft has none


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as a person released it."""

    subject: str
    body: str


def draft_title(subject: str) -> str:
    """Return what a draft is called in lists."""
    return f"Review: {subject}"


def draft_text(options: Mapping[str, Any]) -> str:
    """Return the body of a draft as a person edits it: in the template's own format."""
    template = options.get("template")
    if not isinstance(template, Body):
        return str(options.get("text") or "")
    if format_of(template.name) in MARKUP:
        return fill(template.skeleton, [html.escape(value) for value in template.values])
    return template.text


def with_draft(options: dict[str, Any], draft: Draft) -> dict[str, Any]:
    """Put what a person made of a draft in the place of the template: what was released is what goes out."""
    template = options.get("template")
    if not isinstance(template, Body):
        return {**options, "subject": draft.subject, "text": draft.body}
    return {**options, "subject": draft.subject, "template": _body(template, draft.body.translate(_NO_MARKS))}


def _body(template: Body, text: str) -> Body:
    """Return the body; where the template is a page, and the text is none, the page is made of the text."""
    if template.format not in MARKUP:
        return Body(template.name, template.format, text)
    if not is_markup(text):
        return Body(template.name, "html", page_of(text), plain=text)
    return Body(template.name, template.format if template.format == "html" or _MJML.search(text) else "html", text)


def is_markup(text: str) -> bool:
    """Tell whether a text is HTML: it holds a tag that mails have, a declaration, a comment, or a character by its name."""
    return (
        any(found[1].lower() in TAGS for found in _TAG.finditer(text))
        or _DECLARED.search(text) is not None
        or any(found[1] is None or f"{found[1]};" in html5 for found in _REFERENCE.finditer(text))
    )


def page_of(text: str) -> str:
    """Return a plain text as a page: paragraphs where lines are empty, line breaks, addresses of the web as links."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    paragraphs = [part for part in _EMPTY_LINES.split(whole) if part.strip()]
    inner = "".join(f"<p>{_lines(part)}</p>\n" for part in paragraphs)
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{inner}</body></html>\n'


def _lines(text: str) -> str:
    pieces = _ADDRESS.split(text)  # texts and addresses in turn
    shown = [f'<a href="{html.escape(piece)}">{html.escape(piece)}</a>' if number % 2 else html.escape(piece, quote=False)
             for number, piece in enumerate(pieces)]  # fmt: skip
    return "".join(shown).replace("\n", "<br>\n")
