"""What is wrong with the MJML of a project's templates, found before the first message is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from seqlang.sdk import LintFinding, LintProject

CODE, CODE_OF_SOME = "MAIL101", "MAIL102"
_NAMES = re.compile(r"[^\"]+\.mjml", re.IGNORECASE)
_FRONT = re.compile(r"\A---[ \t]*\r?\n.*?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r" in root template(?: at position (\d+):\d+)?")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LEFT = re.compile(r"<(mj-[a-z-]+)", re.IGNORECASE)


def broken_templates(project: LintProject) -> Iterator[LintFinding]:
    """Tell of each broken template at the first step that uses it; of none where the library is not installed."""
    try:
        import mjml  # noqa: F401  an extra
    except ImportError:
        return
    told: set[str] = set()
    for flow in project.flows:
        for step in flow.steps:
            for name in _templates_of(step.options.get("template"), project.templates):
                if name not in told and (wrong := wrong_with(project.templates[name])) is not None:
                    code, reason = wrong
                    yield LintFinding(code, f"the template `{name}` is no MJML: {reason}", flow.name, step.name, "template")
                told.add(name)


def wrong_with(template: str) -> tuple[str, str] | None:
    """Return the code and the reason; None where nothing is wrong, or where it is no template of Jinja (told by others)."""
    front = _FRONT.match(template)
    above = template[: front.end()].count("\n") if front is not None else 0
    pages = _pages(template[front.end() :] if front is not None else template)
    reasons = [_reason(page, above) for page in pages]
    broken = [reason for reason in reasons if reason is not None]
    if not broken:
        return None
    return (CODE, broken[0]) if len(broken) == len(reasons) else (CODE_OF_SOME, f"{broken[0]}, for some recipients")


def _templates_of(option: object, known: Mapping[str, str]) -> list[str]:
    """Return the templates of a step: one, or those of a `choose`, which is told as its source text."""
    return [name for name in _NAMES.findall(str(option or "")) if name in known]


def _reason(page: str, above: int) -> str | None:
    from mjml import mjml2html

    try:
        html = str(mjml2html(page))
    except ValueError as error:
        place = _PLACE.search(str(error))
        said = _PLACE.sub("", str(error))
        if place is None or place[1] is None:
            return said
        line = page.encode()[: int(place[1])].count(b"\n") + above + 1
        return f"{said} in line {line}"
    # What it does not know it leaves as it is, and no reader of mail knows it either.
    left = _LEFT.search(_COMMENT.sub("", html))
    return f"there is no element `{left[1]}`" if left is not None else None


def _pages(template: str) -> list[str]:
    """Return what Jinja may make of a template: with the first branch of everything, and with the last."""
    from jinja2 import Environment, TemplateSyntaxError

    try:
        tree = Environment(autoescape=True).parse(template)
    except TemplateSyntaxError:
        return []
    return list(dict.fromkeys("".join(_texts(tree.body, last=last)) for last in (False, True)))


def _texts(nodes: Sequence[object], *, last: bool) -> Iterator[str]:
    from jinja2 import nodes as jinja

    for node in nodes:
        match node:
            case jinja.Output():
                yield from (part.data if isinstance(part, jinja.TemplateData) else "1" for part in node.nodes)
            case jinja.If():
                yield from _texts(_last_of(node) if last else node.body, last=last)
            case jinja.For():
                yield from _texts(node.else_ if last else node.body, last=last)
            case _:
                yield from _texts(getattr(node, "body", None) or (), last=last)


def _last_of(node: object) -> Sequence[object]:
    from jinja2 import nodes as jinja

    assert isinstance(node, jinja.If)
    return node.else_ or (node.elif_[-1].body if node.elif_ else ())
