"""All that is known of a project at one moment: its texts, its names, what the checks found."""

from __future__ import annotations

from collections.abc import Mapping

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.semantics.bodies import all_steps
from seqlang.semantics.check import check_project
from seqlang.semantics.checked import CheckedFlow
from seqlang.semantics.names import Names, collect_names
from seqlang.semantics.project import ModuleText, ProjectText
from seqlang.syntax import tree


class Analysis(Record):
    """A project that was read and checked."""

    text: ProjectText
    names: Names
    flows: Mapping[str, CheckedFlow]  # those without a mistake
    diagnostics: tuple[Diagnostic, ...]

    def module(self, path: str) -> ModuleText | None:
        """Return the file of that path."""
        return next((m for m in self.text.modules if m.source.path == path), None)

    def source(self, path: str) -> Source | None:
        """Return the text of a file or template."""
        module = self.module(path)
        if module is not None:
            return module.source
        text = self.text.templates.get(path.removeprefix("templates/")) if path.startswith("templates/") else None
        return Source(path, text) if text is not None else None

    def steps(self, flow: str) -> dict[str, tree.Step]:
        """Return the steps of a flow by name."""
        found = self.names.flows.get(flow)
        return {s.name.text: s for s in all_steps(found.node.items)} if found is not None else {}


def analyse(text: ProjectText) -> Analysis:
    """Check a project; takes as long as `seqlang check` without reading files."""
    checked = check_project(text)
    return Analysis(text, checked.names, {flow.name: flow for flow in checked.flows}, checked.diagnostics)


def survey(text: ProjectText) -> Analysis:
    """Return what a look at the declarations alone gives: names, no diagnostics. Takes next to nothing."""
    return Analysis(text, collect_names(text, []), {}, ())
