"""The public pages: small, without scripts, in the reader's language, by day and by night."""

from __future__ import annotations

import hashlib
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

from starlette.responses import HTMLResponse

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1{role}>{heading}</h1>
<p>{text}</p>{form}
</main>
</body>
</html>
"""
_FORM = '\n<form method="post"><button type="submit">{button}</button></form>'


def page(
    which: str, accepted: str | None, *, name: str = "", address: str | None = None, button: bool = False, status: int = 200
) -> HTMLResponse:
    """Return the page `which` of words.toml ("title", "done", "test", "wrong", "broken") in the best language of `accepted`."""
    language = _language(accepted)
    words = _words()[language]
    filling = {"name": name, "address": masked(address) if address else words["somebody"]}
    text = words["question" if which == "title" else f"{which}_text"].format(**filling)
    text = text[:1].upper() + text[1:]
    style = _style()
    body = _PAGE.format(
        language=language, title=escape(words[which]), style=style, heading=escape(words[which]), text=escape(text),
        role="" if button else ' role="status"', form=_FORM.format(button=escape(words["button"])) if button else "",
    )
    response = HTMLResponse(body, status)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return response


def masked(address: str) -> str:
    """Return an address so that its owner knows it and nobody else learns it: `k•••@example.com`."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else f"{address[:1]}•••"


def _language(accepted: str | None) -> str:
    """Return the best language of an Accept-Language header, else the first."""
    wanted: list[tuple[float, str]] = []
    for part in (accepted or "")[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag[:2].lower()))
        except ValueError:
            continue
    known = _words()
    return next((tag for _, tag in sorted(wanted, key=lambda one: one[0]) if tag in known), next(iter(known)))


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("seqlang.web").joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def _style() -> str:
    return files("seqlang.web").joinpath("page.css").read_text(encoding="utf-8").strip()
