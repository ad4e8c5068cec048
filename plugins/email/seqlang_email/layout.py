"""A skeleton cut into what is the same for everybody and what is not: values, and links whose clicks are told back."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seqlang.sdk import MARK

Click = Callable[[str], str]
_TAG = re.compile(r"""<(?:a|area|v:roundrect)\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
_HREF = re.compile(r"""(?<![\w-])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_UNTOLD = re.compile(r"""\bdata-track\s*=\s*["']?(?:no|false|off)\b|\brel\s*=\s*["']?[^"'>]*\bunsubscribe\b""", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
_MARKUP = re.compile("[&<>\"']").search
_ENTITY = re.compile(r"&(?!#?\w+;)")


@dataclass(frozen=True, slots=True)
class Link:
    """The target of a link, by its texts and the numbers of the values between them."""

    texts: tuple[str, ...]  # entities resolved; one more than there are values
    values: tuple[int, ...]

    def target(self, values: Sequence[str]) -> str:
        """Return the target with the values as they are."""
        if not self.values:
            return self.texts[0]
        parts = [self.texts[0]]
        for number, text in zip(self.values, self.texts[1:], strict=True):
            parts += (values[number], text)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Layout:
    """A skeleton in pieces: one text more than there are slots."""

    texts: tuple[str, ...]
    slots: tuple[int | Link, ...]

    def fill(
        self, shown: Sequence[str], values: Sequence[str] = (), click: Click | None = None, untold: str | None = None
    ) -> str:
        """Return the whole. `shown`: values as they stand between tags; `values`: as they are, for the targets of links.

        `click` gives the address that tells of a click; a link to `untold` stays as it is.
        """
        if not self.slots:
            return self.texts[0]
        parts: list[str] = []
        for text, slot in zip(self.texts, self.slots):  # noqa: B905  the last text has no slot behind it
            parts.append(text)
            if isinstance(slot, int):
                parts.append(shown[slot])
            else:
                target = slot.target(values).strip()
                led = target if click is None or target == untold else click(target)
                parts.append(escaped(led))
        parts.append(self.texts[-1])
        return "".join(parts)


def escaped(text: str) -> str:
    """Return the text as it stands in HTML; most texts have nothing to escape, and looking is faster than replacing."""
    return entities.escape(text) if _MARKUP(text) else text


def laid_out(skeleton: str, *, links: bool = False) -> Layout:
    """Cut a skeleton at its values; with `links` (of HTML) also at the targets of links, values inside them included."""
    texts: list[str] = []
    slots: list[int | Link] = []
    last = ""
    end = 0
    for begin, finish, raw in _targets(skeleton) if links else ():
        last = _cut(last + skeleton[end:begin], texts, slots)
        texts.append(last)
        slots.append(_link(raw))
        last, end = "", finish
    texts.append(_cut(last + skeleton[end:], texts, slots))
    return Layout(tuple(texts), tuple(slots))


def told_in_text(text: str, click: Click, untold: str | None) -> str:
    """Return a text whose web addresses tell of clicks."""
    return _BARE.sub(lambda found: found[0] if found[0] == untold else click(found[0]), text)


def _cut(piece: str, texts: list[str], slots: list[int | Link]) -> str:
    """Cut at the values; return what stands behind the last one."""
    end = 0
    for found in MARK.finditer(piece):
        texts.append(piece[end : found.start()])
        slots.append(int(found[1]))
        end = found.end()
    return piece[end:]


def _targets(skeleton: str) -> list[tuple[int, int, str]]:
    """Return where the targets of links stand, and how they read: those that may lead to the web."""
    found = []
    for tag in _TAG.finditer(skeleton):
        href = _HREF.search(tag[0])
        if href is None or _UNTOLD.search(tag[0]):
            continue
        group = next(number for number in (1, 2, 3) if href[number] is not None)
        raw = href[group]
        # An unquoted target would need quotes once it is changed; whoever writes so gets it as it is.
        if group != 3 and (raw.lstrip()[:4].lower() == "http" or MARK.match(raw.lstrip())):
            found.append((tag.start() + href.start(group), tag.start() + href.end(group), raw))
    return found


def _link(raw: str) -> Link:
    pieces = MARK.split(raw)  # texts and numbers in turn
    texts = tuple(entities.unescape(_ENTITY.sub("&amp;", text)) for text in pieces[::2])
    return Link(texts, tuple(int(number) for number in pieces[1::2]))
