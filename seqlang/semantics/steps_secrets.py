"""Secrets that stand in a step: a file of flows is read by many and kept for long, and the plan made of it is in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqlang.diagnostics.source import Span
from seqlang.frozen import Record
from seqlang.plan.conditions import Choose, ListValue, Literal_, ObjectValue, PlanValue, Template
from seqlang.semantics.options import CheckedOptions
from seqlang.semantics.report import Reporter
from seqlang.semantics.segments import without_placeholders
from seqlang.syntax import tree

HEADERS = frozenset({"authorization", "proxy_authorization", "cookie"})
# What names of headers, keys of bodies and names in a query end with, in lower case, with `_` for `-`.
NAMES = (
    "password", "passwd", "passphrase", "pwd", "secret", "token", "api_key", "apikey", "access_key", "accesskey", "secret_key",
    "private_key", "privatekey", "auth_key", "signing_key", "subscription_key", "credential", "credentials",
)  # fmt: skip
SHORTEST = 4  # signs; what is shorter is hardly one
IN_ADDRESS = r"://[^\s/:@{}]*:(?!\d{1,5}/)([^\s@{}]+)@"  # compiled when first asked: most projects have no such text
ADDRESS = r"[A-Za-z][A-Za-z0-9+.-]*://[^\s?]*\?(\S+)"
BEARS_ONE = (
    r"\bwhsec_[A-Za-z0-9+/=]{16,}|\bBearer\s+[A-Za-z0-9._~+/=-]{12,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:sk|rk)_live_[A-Za-z0-9]{16,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bAKIA[0-9A-Z]{16}\b"
)
SIGNS = ("whsec_", "earer", "PRIVATE KEY", "k_live_", "xox", "gh", "AKIA")  # without which BEARS_ONE is not asked
NAMED = 'put it where the settings find it, `{ env = "NAME" }`, and name it here: `{ secret: "NAME" }`'
SENT = 'send it in a header, `headers: { Authorization: { secret: "NAME" } }`, and put it where the settings find it'


class _Found(Record):
    """A secret, and where it stands."""

    what: str  # "a secret", for the message
    part: str  # the secret itself
    node: tree.Value
    hint: str


def check_secrets(report: Reporter, node: tree.Step, options: CheckedOptions) -> None:
    """Report texts that give themselves away as secrets, each at its own place."""
    values = dict(options.values)
    for option in node.options:
        value = values.get(option.name.text)
        for found in _tell(value, option.value) if value is not None else ():
            at = _place(report, found)
            report.error("SEQ448", at, f"{found.what} is in the clear in a file of the project", hint=found.hint)


def _place(report: Reporter, found: _Found) -> Span:
    """Return where the secret stands: as little as possible of what is around it, for the place is not shown."""
    span = found.node.span
    start = report.source.text.find(found.part, span.start, span.end)
    return Span(start, start + len(found.part)) if start >= 0 else span


def _tell(value: PlanValue, node: tree.Value, name: str = "") -> Iterator[_Found]:
    """Yield what is a secret in a value; `node` is how the file has it (a constant: its name), `name` its key in an object."""
    match value:
        case Literal_(value=str() as text):
            yield from _tell_text(text, node, name)
        case Template():
            yield from _tell_text(value.source, node, name)
        case ListValue():
            nodes = node.items if isinstance(node, tree.ListOf) and len(node.items) == len(value.items) else ()
            for n, item in enumerate(value.items):
                yield from _tell(item, nodes[n] if nodes else node, name)
        case ObjectValue():
            inner = {o.name.text: o.value for o in node.options} if isinstance(node, tree.ObjectOf) else {}
            for key, item in value.items:
                only = name and len(value.items) == 1 and key == "secret"  # the name of one that the settings find
                yield from _tell(item, inner.get(key, node), "" if only else key)
        case Choose():
            cases = node.cases if isinstance(node, tree.Choose) and len(node.cases) == len(value.cases) else ()
            for n, case in enumerate(value.cases):
                yield from _tell(case.value, cases[n].value if cases else node, name)
        case _:
            return


def _tell_text(text: str, node: tree.Value, name: str) -> Iterator[_Found]:
    told = False
    if "://" in text:
        for found in _tell_address(text, node):
            told = True
            yield found
    if any(sign in text for sign in SIGNS) and (hit := re.search(BEARS_ONE, text)) is not None:
        told = True
        yield _Found("a secret", hit[0], node, NAMED)
    if not told and _tells(name) and _is_one(text):
        yield _Found(f"the value of `{name}`", text, node, NAMED)


def _tell_address(text: str, node: tree.Value) -> Iterator[_Found]:
    if (hit := re.search(IN_ADDRESS, text)) is not None:
        yield _Found("the password of an address", hit[1], node, SENT)
    bare = re.sub(r"\{\{.*?\}\}", "{{}}", text.strip(), flags=re.DOTALL)  # placeholders have spaces in them
    whole = re.fullmatch(ADDRESS, bare)  # one alone: in a letter a link with a code is for whoever reads it
    for pair in re.split("[&;]", whole[1].partition("#")[0]) if whole is not None else ():
        name, _, value = pair.partition("=")
        if _tells(name) and _is_one(value):
            yield _Found(f"the value of `{name}` in an address", value, node, SENT)


def _tells(name: str) -> bool:
    plain = name.lower().replace("-", "_")
    return plain in HEADERS or plain.endswith(NAMES)


def _is_one(text: str) -> bool:
    return len(text.strip()) >= SHORTEST and not without_placeholders(text)[1]
