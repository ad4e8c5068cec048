"""`[web]` of the settings against what the flows promise with it."""

from __future__ import annotations

from urllib.parse import urlsplit

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.semantics.names import Names
from seqlang.semantics.policies import settings_place, settings_source
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter
from seqlang.semantics.walks import statements
from seqlang.syntax import tree
from seqlang.vocabulary.settings import LOOPBACK


def check_site(text: ProjectText, names: Names, sink: list[Diagnostic]) -> None:
    """Warn of a site without https where mails offer to unsubscribe: mail programs show no button for it (RFC 8058, 3.1)."""
    url = urlsplit(text.settings.web.url or "")
    if url.scheme != "http" or url.hostname in LOOPBACK or not any(_unsubscribing(flow.node) for flow in names.flows.values()):
        return
    Reporter(settings_source(text), sink).warning(
        "SEQ812",
        settings_place(text, "web", "url"),
        "to unsubscribe with one click, mail programs want an address that begins with https",
        hint=f"write `https://{url.netloc}{url.path}`, and let what stands before `seqlang serve` speak https",
    )


def _unsubscribing(flow: tree.Flow) -> bool:
    options = (option for item in statements(flow.items) if isinstance(item, tree.Step) for option in item.options)
    return any(
        option.name.text == "unsubscribe" and not (isinstance(option.value, tree.Truth) and not option.value.value)
        for option in options
        if isinstance(option, tree.Option)
    )
