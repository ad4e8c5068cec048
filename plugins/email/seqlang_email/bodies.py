"""The text part and the HTML part of a letter, made of a template in HTML, Markdown, MJML or text.

What is the same for everybody (styles put onto their elements, Markdown and MJML turned into HTML, the text part of an HTML page)
is made once for each skeleton and kept; for each recipient only the values, the signed links and the pixel are put in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from seqlang.sdk import Body, Tracking
from seqlang_email.layout import Layout, escaped, laid_out, told_in_text

_KEPT = 512  # skeletons: a project has few templates, and each few branches
_QUOTED_MARK = re.compile("%EE%80%80([0-9]+)%EE%80%81", re.IGNORECASE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_SPELT_MARK = re.compile(r"\\u\{e000\}([0-9]+)\\u\{e001\}")
_STYLED = re.compile(r"<style|rel=[\"']?stylesheet", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>(?!.*</body)", re.IGNORECASE | re.DOTALL)
_PIXEL = '<img src="{}" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0">\n'
_LINK = (
    '<p style="margin:24px 16px;font-size:12px;line-height:1.5;text-align:center;color:#666">'
    '<a href="{}" style="color:#666;text-decoration:underline">Unsubscribe</a></p>\n'
)


class MissingPartError(Exception):
    """The machine lacks a part that this template needs; the message says how to get it."""


class BodyError(ValueError):
    """The template cannot become a letter; the message is the reason."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is kept of a skeleton."""

    text: Layout
    html: Layout  # up to the end of the page
    ending: str  # `</body></html>`: what is added comes before it


def parts_of(
    body: Body | str, unsubscribe_url: str | None = None, tracking: Tracking | None = None, *, told_url: str | None = None
) -> tuple[str, str | None]:
    """Return the text part and the HTML part (None: there is none).

    `unsubscribe_url`: both end with a link there, unless the template has one already. `tracking`: links of the HTML part tell of
    clicks, and a pixel of the opening; where there is only text, its addresses tell of clicks. `told_url`: the address that
    stays untouched though no link is wanted at the end.
    """
    untold = unsubscribe_url or told_url
    click = tracking.click_url if tracking is not None else None
    if isinstance(body, str) or body.format == "text":
        text = body if isinstance(body, str) else body.text
        given = _has_link(text, unsubscribe_url)
        if click is not None:
            text = told_in_text(text, click, untold)
        return (text if given else _ended(text, unsubscribe_url)), None
    kept = _prepared(body.format, body.skeleton)
    page = kept.html.fill([escaped(value) for value in body.values], body.values, click, untold)
    # A value must not break the lines of a text part that was laid out for it.
    text = body.plain if body.plain is not None else kept.text.fill([" ".join(value.split()) for value in body.values])
    added = ""
    if unsubscribe_url is not None and not _has_link("\n".join((body.skeleton, *body.values)), unsubscribe_url):
        text = _ended(text, unsubscribe_url)
        added = _LINK.format(escaped(unsubscribe_url))
    if tracking is not None and tracking.open_url is not None:
        added += _PIXEL.format(escaped(tracking.open_url))
    return text, f"{page}{added}{kept.ending}"


def _has_link(text: str, unsubscribe_url: str | None) -> bool:
    """Tell whether a link to unsubscribe stands there; that of the draft which the message was has another end."""
    if unsubscribe_url is None:
        return False
    begin, slash, _ = unsubscribe_url.rpartition("/")
    return (begin + slash if slash else unsubscribe_url) in text


def _ended(text: str, unsubscribe_url: str | None) -> str:
    return text if unsubscribe_url is None else f"{text.rstrip()}\n\nUnsubscribe: {unsubscribe_url}\n"


@lru_cache(maxsize=_KEPT)
def _prepared(form: str, skeleton: str) -> _Prepared:
    if form == "markdown":
        text, page = skeleton, _page(_of_markdown(skeleton))
    elif form == "mjml":
        page = _of_mjml(skeleton)
        text = _INDENT.sub("", _text_of_html(page))  # its tables are there for the looks alone
    else:
        text, page = _text_of_html(skeleton), _inlined(skeleton)
    end = _BODY_END.search(page)
    cut = end.start() if end is not None else len(page)
    return _Prepared(laid_out(text), laid_out(page[:cut], links=True), page[cut:])


def _of_markdown(source: str) -> str:
    from markdown_it import MarkdownIt

    rendered = str(MarkdownIt("commonmark", {"html": True}).enable("table").render(source))
    # The renderer quotes what it takes for a part of an address.
    return _QUOTED_MARK.sub("\ue000\\1\ue001", rendered)


def _of_mjml(source: str) -> str:
    try:
        from mjml import mjml2html
    except ImportError:
        raise MissingPartError("MJML templates need a part that is not installed: pip install 'seqlang[email]'") from None
    try:
        # The renderer spells out characters of private use in attributes.
        return _SPELT_MARK.sub("\ue000\\1\ue001", str(mjml2html(source)))
    except ValueError as error:
        raise BodyError(f"the template is no MJML: {error}") from None


def _page(inner: str) -> str:
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{inner}</body></html>\n'


def _inlined(source: str) -> str:
    """Put the rules of style sheets onto the elements: many readers of mail drop `<style>`. Nothing is fetched."""
    if not _STYLED.search(source):
        return source
    import css_inline

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
    return _QUOTED_MARK.sub("\ue000\\1\ue001", inliner.inline(source))


def _text_of_html(source: str) -> str:
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig

    if not source.strip():
        return ""
    text = get_text(source, ParserConfig(display_links=True))
    text = re.sub(r"[ \t]+\n", "\n", _QUOTED_MARK.sub("\ue000\\1\ue001", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
