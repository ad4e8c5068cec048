"""Views, lists and calendars that no flow and no test uses."""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.semantics.names import Names
from seqlang.semantics.report import Reporter


def check_unused(names: Names, sink: list[Diagnostic]) -> None:
    """Warn of each."""
    for word, declared in (("view", names.views), ("list", names.lists), ("calendar", names.calendars)):
        for name, item in declared.items():
            if (word, name) not in names.used:
                Reporter(item.source, sink).warning("SEQ603", item.node.name, f"nothing uses the {word} `{name}`")
