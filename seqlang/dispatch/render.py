"""Renders texts and templates for one recipient after the other; each template is compiled once."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from seqlang.dispatch.shown import DATE_PARTS, shown
from seqlang.errors import DeliveryError
from seqlang.limits import RENDERED_CHARS_MAX, TEMPLATE_BYTES_MAX
from seqlang.sdk.messages import Body
from seqlang.vocabulary.templates import MARKUP, Format, format_of, split_front, title_of

if TYPE_CHECKING:
    from jinja2 import Template

    from seqlang.dispatch.sandbox import SafeEnvironment

_K = TypeVar("_K")
_V = TypeVar("_V")
_PLAIN_PATH = re.compile(
    r"""\{\{ *([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*) *(?:\| *default\( *(["'])([^"'\\{}]*)\2 *\) *)?\}\}""", re.ASCII)
_WORDS = frozenset({  # Jinja's own
    "and", "or", "not", "if", "else", "in", "is", "for", "true", "false", "none", "True", "False", "None", "self", "loop",
    "range", "caller", "varargs", "kwargs",
})
_NO_MARKS = {0xE000: None, 0xE001: None}  # they mark the places of values
_RECORDS = (dict, Mapping)  # nearly always a dict, which is told faster; a tuple, which need not be made for each question
_KEPT_MAX = 2_000  # compiled templates


class RenderError(DeliveryError):
    """A text cannot be rendered for this recipient; the message is the reason."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One text, ready."""

    template: Template | None  # None: a plain text, or plain paths alone
    plain: str
    apart: bool  # values can be kept apart from the text around them
    paths: tuple[tuple[tuple[str, ...], str | None], ...] = ()  # each with what stands there when it is empty
    pieces: tuple[str, ...] = ()  # the text around them: one more than there are paths


@dataclass(frozen=True, slots=True)
class _Page:
    """One template file, ready."""

    name: str
    format: Format
    content: _Compiled
    matter: tuple[tuple[str, _Compiled], ...]
    title: _Compiled | None


class Renderer:
    """Compiled texts of one process; used by one thread at a time."""

    def __init__(self) -> None:
        self.empty = False  # whether a placeholder of a text was empty since this was last set
        self._plain: SafeEnvironment | None = None
        self._texts: dict[str, _Compiled] = {}
        self._pages: dict[tuple[str, str], _Page] = {}

    def text(self, source: str, data: Mapping[str, Any], zone: str) -> str:
        """Render a text of an option. RenderError: it cannot be."""
        compiled = self._texts.get(source)
        if compiled is None:
            compiled = _keep(self._texts, source, self._compile(source))
        return self._run(compiled, data, zone)[0]

    def page(
        self, name: str, sha256: str, content: bytes, data: Mapping[str, Any], zone: str, *, matter: bool = True
    ) -> Body:
        """Render a template file; with `matter` its front matter and `<title>` too. RenderError: it cannot be."""
        key = (name, sha256)
        page = self._pages.get(key)
        if page is None:
            page = _keep(self._pages, key, self._open(name, content))
        skeleton, values = self._run(page.content, data, zone, apart=True)
        told = {key: self._run(text, data, zone)[0] for key, text in page.matter} if matter else {}
        if matter and page.title is not None and "title" not in told:
            told["title"] = " ".join(html.unescape(self._run(page.title, data, zone)[0]).split())
        return Body(name, page.format, skeleton, values, told)

    def _open(self, name: str, content: bytes) -> _Page:
        if len(content) > TEMPLATE_BYTES_MAX:
            raise RenderError(f"the template `{name}` is too long")
        try:
            source = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise RenderError(f"the template `{name}` is not UTF-8") from None
        matter, source = split_front(source)
        form = format_of(name)
        title = title_of(source) if form in MARKUP else None
        return _Page(name, form, self._compile(source), tuple((key, self._compile(text)) for key, text in matter.items()),
                     self._compile(title) if title is not None else None)

    def _compile(self, source: str) -> _Compiled:
        source = source.translate(_NO_MARKS)
        simple = _simple(source)
        if simple is not None:
            return simple
        from jinja2 import TemplateError

        from seqlang.dispatch.sandbox import SafeEnvironment, keeps_order

        if self._plain is None:
            self._plain = SafeEnvironment(autoescape=False)
        try:
            apart = keeps_order(self._plain, self._plain.parse(source))
            return _Compiled(self._plain.from_string(source), source, apart)
        except (TemplateError, RecursionError, SyntaxError) as error:  # the last: more blocks than Python can have
            raise RenderError(_reason(error)) from None

    def _run(
        self, compiled: _Compiled, data: Mapping[str, Any], zone: str, *, apart: bool = False
    ) -> tuple[str, tuple[str, ...]]:
        """Return the text; with `apart` its skeleton and the values that belong into it."""
        if compiled.paths:
            return self._run_simple(compiled, data, zone, apart=apart)
        if compiled.template is None or self._plain is None:
            return compiled.plain, ()
        counted = self._plain.counted
        counted.rounds, counted.zone, counted.empty = 0, zone, False
        values: list[str] | None = [] if apart and compiled.apart else None
        counted.values = values
        try:
            text = _written(compiled.template, data)
        except (KeyboardInterrupt, SystemExit):
            raise
        except Exception as error:  # noqa: BLE001  a template may fail in any way; it stops its own message, never the others
            raise RenderError(_reason(error)) from None
        finally:
            counted.values = None
            self.empty |= counted.empty
        if values is not None:
            _refuse_long(len(text) + sum(map(len, values)))
            return text, tuple(value.translate(_NO_MARKS) for value in values)
        text = text.translate(_NO_MARKS)
        # Where the template takes up its own output, all of it is one value: safe, and without markup.
        return ("\ue0000\ue001", (text,)) if apart and not compiled.apart else (text, ())


    def _run_simple(
        self, compiled: _Compiled, data: Mapping[str, Any], zone: str, *, apart: bool
    ) -> tuple[str, tuple[str, ...]]:
        values: list[str] = []
        for names, other in compiled.paths:
            value = _look_up(names, data)
            if value is None or value == "":
                value = other
                self.empty |= not other
            try:
                text = value if isinstance(value, str) else shown(value, zone)
                values.append(text if text.isascii() else text.translate(_NO_MARKS))
            except TypeError as error:
                raise RenderError(_reason(error)) from None
        if apart:
            return compiled.plain, tuple(values)
        parts = [compiled.pieces[0]]
        for value, piece in zip(values, compiled.pieces[1:], strict=True):
            parts += (value, piece)
        text = "".join(parts)
        _refuse_long(len(text))
        return text, ()


def _simple(source: str) -> _Compiled | None:
    """Return a text that holds plain paths alone, ready without Jinja: most are so, and it takes ten times as long."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    pieces: list[str] = []
    paths: list[tuple[tuple[str, ...], str | None]] = []
    end = 0
    for found in _PLAIN_PATH.finditer(source):
        names = tuple(found[1].split("."))
        if names[0] in _WORDS:
            return None
        pieces.append(source[end : found.start()])
        paths.append((names, found[3]))
        end = found.end()
    pieces.append(source[end:])
    if any(piece.endswith("{") for piece in pieces[:-1]) or any(sign in p for p in pieces for sign in ("{{", "{%", "{#")):
        return None
    if not paths:
        return _Compiled(None, source, apart=True)
    skeleton = pieces[0] + "".join(f"\ue000{number}\ue001{piece}" for number, piece in enumerate(pieces[1:]))
    return _Compiled(None, skeleton, True, tuple(paths), tuple(pieces))


def _look_up(names: tuple[str, ...], data: Mapping[str, Any]) -> Any:
    """Follow a path as the environment does: empty through an empty link, a mistake where there is no such name."""
    if names[0] not in data:
        raise RenderError(f"the text cannot be made: '{names[0]}' is undefined")
    value: Any = data[names[0]]
    for name in names[1:]:
        if value is None:
            return None
        if isinstance(value, date) and name in DATE_PARTS and hasattr(value, name):
            value = getattr(value, name)
            continue
        if not isinstance(value, _RECORDS) or name not in value:
            raise RenderError(f"the text cannot be made: '{'.'.join(names)}' is undefined")
        value = value[name]
    return value


def _written(template: Template, data: Mapping[str, Any]) -> str:
    """Render, and stop where the output grows over the cap."""
    parts: list[str] = []
    length = 0
    for part in template.root_render_func(template.new_context(dict(data))):
        parts.append(part)
        length += len(part)
        _refuse_long(length)
    return "".join(parts)


def _refuse_long(length: int) -> None:
    if length > RENDERED_CHARS_MAX:
        raise RenderError(f"the text is longer than {RENDERED_CHARS_MAX} characters")


def _reason(error: BaseException) -> str:
    said = str(getattr(error, "message", None) or error) or type(error).__name__
    return f"the text cannot be made: {' '.join(said.split())}"[:500]


def _keep(kept: dict[_K, _V], key: _K, value: _V) -> _V:
    if len(kept) >= _KEPT_MAX:
        kept.clear()
    kept[key] = value
    return value
