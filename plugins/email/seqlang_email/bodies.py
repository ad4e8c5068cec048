"""The text part and the HTML part of a letter, made of a template in HTML, Markdown or text."""

from __future__ import annotations

import html as html_entities
import re
from functools import lru_cache

from seqlang.sdk import Body, fill

_KEPT = 512  # skeletons: a project has few templates, and each few branches
_QUOTED_MARK = re.compile("%EE%80%80([0-9]+)%EE%80%81", re.IGNORECASE)
_STYLED = re.compile(r"<style|rel=[\"']?stylesheet", re.IGNORECASE)


def parts_of(body: Body | str, unsubscribe_url: str | None = None) -> tuple[str, str | None]:
    """Return the text part and the HTML part (None: there is none); with a link to unsubscribe at the end of both, if wanted."""
    if isinstance(body, str):
        text, html = body, None
    elif body.format == "text":
        text, html = body.text, None
    else:
        text_skeleton, html_skeleton = _prepared(body.format, body.skeleton)
        html = fill(html_skeleton, [html_entities.escape(value) for value in body.values])
        # A value must not break the lines of a text part that was laid out for it.
        text = fill(text_skeleton, [" ".join(value.split()) for value in body.values])
    if unsubscribe_url is not None:
        text = f"{text.rstrip()}\n\nUnsubscribe: {unsubscribe_url}\n"
        html = _with_link(html, unsubscribe_url) if html is not None else None
    return text, html


@lru_cache(maxsize=_KEPT)
def _prepared(form: str, skeleton: str) -> tuple[str, str]:
    """Return the skeletons of the text part and of the HTML part."""
    if form == "markdown":
        return skeleton, _page(_of_markdown(skeleton))
    return _text_of_html(skeleton), _inlined(skeleton)


def _of_markdown(source: str) -> str:
    from markdown_it import MarkdownIt

    rendered = str(MarkdownIt("commonmark", {"html": True}).enable("table").render(source))
    # The renderer quotes what it takes for a part of an address.
    return _QUOTED_MARK.sub("\ue000\\1\ue001", rendered)


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


def _with_link(html: str, url: str) -> str:
    link = f'<p style="font-size:12px;color:#777"><a href="{html_entities.escape(url)}" style="color:#777">Unsubscribe</a></p>\n'
    end = html.rfind("</body")
    if end < 0:
        end = html.lower().rfind("</body")
    return html + link if end < 0 else html[:end] + link + html[end:]
