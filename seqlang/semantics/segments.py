"""How many segments a text to a phone takes: every one is paid for, and one odd sign makes three of two."""

from __future__ import annotations

from collections.abc import Iterator

from seqlang.plan.conditions import Choose, Literal_, PlanValue, Template
from seqlang.semantics.options import CheckedOptions
from seqlang.semantics.report import Reporter
from seqlang.syntax import tree
from seqlang.vocabulary.channels import ChannelSpec

ODD_SIGNS_SHOWN = 5


def check_segments(report: Reporter, node: tree.Step, channel: ChannelSpec, options: CheckedOptions) -> None:
    """Warn of texts that take more segments than the step's option `segments` allows (default 1)."""
    names = [o.name for o in channel.options if o.segments]
    if not names:
        return
    values = dict(options.values)
    allowed = values.get("segments")
    most = int(allowed.value) if isinstance(allowed, Literal_) and isinstance(allowed.value, (int, float)) else 1
    for option in node.options:
        if option.name.text in names and (value := values.get(option.name.text)) is not None:
            for text in _texts(value):
                _count(report, option, text, most)


def _count(report: Reporter, option: tree.Option, text: str, most: int) -> None:
    from seqlang.sdk.texts import is_gsm, odd_signs, segments

    fixed, filled = without_placeholders(text)
    count = len(segments(fixed))
    if count <= most:
        return
    signs, whole = (153, "160") if is_gsm(fixed) else (67, "70")
    about = ", without what its placeholders bring" if filled else ""
    hint = f"shorten it, or allow them with `segments: {count}`"
    odd = odd_signs(fixed)
    if odd and len(segments("".join(s for s in fixed if s not in odd))) < count:
        shown = " ".join(odd[:ODD_SIGNS_SHOWN])
        hint = f"with `{shown}` in it a segment has {whole} signs, not 160; leave it out, or {hint.rpartition('or ')[2]}"
    said = f"this text takes {count} segments of {signs} signs{about}"
    report.warning("SEQ446", option.value, said, hint=hint)


def without_placeholders(text: str) -> tuple[str, bool]:
    """Return the text without its placeholders, and whether there are any."""
    import re

    fixed = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    return fixed.strip(), fixed != text


def _texts(value: PlanValue) -> Iterator[str]:
    match value:
        case Literal_(value=str() as text):
            yield text
        case Template():
            yield value.source
        case Choose():
            for case in value.cases:
                yield from _texts(case.value)
        case _:
            return
