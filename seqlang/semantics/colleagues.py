"""Addresses of colleagues against `[[users]]`: nearly one of them, or of nobody who will ever look at a list of to-dos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix
from seqlang.semantics.names import Names
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter, quoted
from seqlang.semantics.walks import statements, texts_of
from seqlang.syntax import tree
from seqlang.syntax.nearest import distance
from seqlang.syntax.node import Node

_OPTIONS = frozenset({"assignee", "to", "cc", "bcc", "from"})
LOCAL_CHARS_MIN = 5  # shorter names of colleagues are easily alike: ana and anna
DOMAIN_SLIPS_MAX = 2


def check_colleagues(text: ProjectText, names: Names, sink: list[Diagnostic]) -> None:
    """Warn of each address that differs by a slip of the hand from a listed one, and of to-dos of somebody who is no user.

    An owner of a flow whom the file does not list is a user of its own, and may have to-dos.
    """
    listed = [user.email for user in text.settings.users]
    known = {address.casefold() for address in listed}
    owning = owners(names)
    for flow in names.flows.values():
        assigned = {id(text) for text in _assignees(flow.node)}
        for address in _addresses(flow.node):
            near = _near(address.value, listed) if address.value.casefold() not in known else None
            if near is not None:
                Reporter(flow.source, sink).warning(
                    "SEQ625", address, f"`{address.value}` is none of the users in `seqlang.toml`",
                    hint=f"did you mean `{near}`?",
                    fix=Fix(f"write `{near}`", (Edit(address.span, quoted(near)),)),
                )  # fmt: skip
            elif id(address) in assigned and address.value.casefold() not in known | owning:
                Reporter(flow.source, sink).warning(
                    "SEQ626", address, f"`{address.value}` is no user of the project, so nobody sees the to-do",
                    hint="write the address of somebody whom `[[users]]` lists, `owner`, or list them there",
                )  # fmt: skip


def owners(names: Names) -> set[str]:
    """Return who owns a flow, in lower case: they are users, whether or not they are listed."""
    found: set[str] = set()
    for flow in names.flows.values():
        for item in flow.node.items:
            if isinstance(item, tree.Owner):
                let = names.lets.get(item.user.text) if isinstance(item.user, tree.Path) else None
                value = let.node.value if let is not None else item.user
                found |= {value.value.casefold()} if isinstance(value, tree.Text) else set()
    return found


def _near(address: str, listed: Sequence[str]) -> str | None:
    local, _, domain = address.casefold().partition("@")
    domains = {one.casefold().partition("@")[2] for one in listed}
    for one in listed:
        own, _, home = one.casefold().partition("@")
        if own == local and domain not in domains and distance(domain, home) <= DOMAIN_SLIPS_MAX:
            return one
        if home == domain and min(len(own), len(local)) >= LOCAL_CHARS_MIN and distance(own, local) == 1:
            return one
    return None


def _addresses(flow: tree.Flow) -> Iterator[tree.Text]:
    """Yield the texts that name colleagues: the owner, who is assigned, and who gets or sends something."""
    for item in statements(flow.items):
        match item:
            case tree.Owner() | tree.Assign():
                yield from _texts(item.user)
            case tree.Step():
                for option in item.options:
                    if isinstance(option, tree.Option) and option.name.text in _OPTIONS:
                        yield from _texts(option.value)
            case _:
                pass


def _assignees(flow: tree.Flow) -> Iterator[tree.Text]:
    for item in statements(flow.items):
        if isinstance(item, tree.Step):
            for option in item.options:
                if isinstance(option, tree.Option) and option.name.text == "assignee":
                    yield from _texts(option.value)


def _texts(value: Node) -> Iterator[tree.Text]:
    if isinstance(value, tree.ListOf):
        for item in value.items:
            yield from texts_of(item)
    else:
        yield from texts_of(value)
