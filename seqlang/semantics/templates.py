"""Templates of a project: found, readable, their placeholders known, and the subject that they bring."""

from __future__ import annotations

import hashlib

from seqlang.diagnostics.source import Source, Span
from seqlang.limits import TEMPLATE_BYTES_MAX
from seqlang.plan.conditions import Content, Literal_, Template
from seqlang.semantics.foreign import warn_of_foreign
from seqlang.semantics.placeholders import Found, check_placeholder, find_placeholders, has_placeholders
from seqlang.semantics.project import ProjectText
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree
from seqlang.vocabulary.templates import split_front, title_of


class Contents:
    """What the plan keeps by hash: templates and attachments, gathered while flows are checked."""

    __slots__ = ("_read", "_reported", "by_hash", "text")

    def __init__(self, text: ProjectText) -> None:
        self.text = text
        self.by_hash: dict[str, bytes] = {}
        self._read: dict[str, tuple[Found, ...] | None] = {}  # template -> its placeholders
        self._reported: set[tuple[str, str]] = set()  # (template, for which flows) whose mistakes are told

    def keep(self, name: str, data: bytes) -> Content:
        """Note a content and return its name and hash."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.by_hash[sha256] = data
        return Content(name=name, sha256=sha256)


class Uses:
    """What the texts of one step use."""

    __slots__ = ("contents", "placeholders", "templates")

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.placeholders: set[str] = set()
        self.templates: list[str] = []  # names, in order


def template_subject(text: str) -> str | None:
    """Return the subject that a template brings: `subject:` of its front matter, else its `<title>`."""
    matter, body = split_front(text)
    return matter.get("subject") or title_of(body)


def read_text(scope: Scope, uses: Uses, node: tree.Text) -> Literal_ | Template | None:
    """Return a text of an option: a template where it has placeholders, which are checked."""
    raw = scope.report.source.text[node.span.start : node.span.end]
    place = raw.find(node.value)  # not found: escapes or indentation were taken out
    offset = node.span.start + place if place >= 0 else None
    warn_of_foreign(scope.report, node.value, node.span, offset=offset)
    if not has_placeholders(node.value):
        return Literal_(type="text", value=node.value)
    found = find_placeholders(scope.report, node.value, node.span, offset=offset)
    if found is None:
        return None
    if sum(not check_placeholder(scope, scope.report, f) for f in found):  # all of them are looked at and reported
        return None
    uses.placeholders |= {".".join(f.names) for f in found}
    return Template(source=node.value)


def read_template(scope: Scope, uses: Uses, node: tree.Text) -> Content | None:
    """Return the content of the template that a text names."""
    contents, name = uses.contents, node.value
    if name in contents.text.unreadable:
        scope.report.error("SEQ431", node, f"the template `{name}` cannot be read: {contents.text.unreadable[name]}")
        return None
    text = contents.text.templates.get(name)
    if text is None:
        known = [*contents.text.templates]
        scope.report.unknown(
            "SEQ430", node, f"there is no template `{name}`", name, known, none=f"create the file `templates/{name}`"
        )
        return None
    if len(text) > TEMPLATE_BYTES_MAX:
        scope.report.error("SEQ431", node, f"the template `{name}` is longer than {TEMPLATE_BYTES_MAX // 1024} KiB")
        return None
    source = Source(f"templates/{name}", text)
    told = (name, scope.subject)
    report = scope.report.at(source) if told not in contents._reported else scope.report.at(source).silent()  # noqa: SLF001
    contents._reported.add(told)  # noqa: SLF001
    if name not in contents._read:  # noqa: SLF001
        warn_of_foreign(report, text, Span(0, len(text)), offset=0)
        contents._read[name] = find_placeholders(report, text, Span(0, len(text)), offset=0)  # noqa: SLF001
    found = contents._read[name]  # noqa: SLF001
    if found is None or sum(not check_placeholder(scope, report, f) for f in found):
        return None
    uses.placeholders |= {".".join(f.names) for f in found}
    uses.templates.append(name)
    return contents.keep(name, text.encode())


def read_file(scope: Scope, uses: Uses, node: tree.Text) -> Content | None:
    """Return the content of an attachment."""
    files = uses.contents.text.files
    if node.value in uses.contents.text.unreadable:
        scope.report.error("SEQ431", node, f"the file `{node.value}` cannot be read: {uses.contents.text.unreadable[node.value]}")
        return None
    if node.value not in files:
        scope.report.unknown("SEQ432", node, f"there is no file `{node.value}` in the project", node.value, files)
        return None
    return uses.contents.keep(node.value, files[node.value])
