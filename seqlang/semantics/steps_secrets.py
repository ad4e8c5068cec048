"""Secrets that stand in a step: a file of flows is read by many and kept for long, and the plan made of it is in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqlang.plan.conditions import Choose, ListValue, Literal_, ObjectValue, PlanValue, Template
from seqlang.semantics.options import CheckedOptions
from seqlang.semantics.report import Reporter
from seqlang.semantics.segments import without_placeholders
from seqlang.syntax import tree

HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "apikey", "x-auth-token"})
IN_ADDRESS = r"://[^\s/:@{}]*:[^\s/@{}]+@"  # compiled when first asked: most projects have no such text
BEARS_ONE = r"\bwhsec_[A-Za-z0-9+/=]{16,}|\bBearer\s+[A-Za-z0-9._~+/-]{12,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"


def check_secrets(report: Reporter, node: tree.Step, options: CheckedOptions) -> None:
    """Warn of texts that give themselves away as secrets; once for each option."""
    values = dict(options.values)
    for option in node.options:
        value = values.get(option.name.text)
        found = next(_tell(value), None) if value is not None else None
        if found is not None:
            hint = 'put it where the settings find it, `{ env = "NAME" }`, and name it here'
            report.warning("SEQ448", option.value, f"{found} is in the clear in a file of the project", hint=hint)


def _tell(value: PlanValue, name: str = "") -> Iterator[str]:
    """Yield what is a secret in a value; `name` is its key in an object."""
    match value:
        case Literal_(value=str() as text):
            yield from _tell_text(text, name)
        case Template():
            yield from _tell_text(value.source, name)
        case ListValue():
            for item in value.items:
                yield from _tell(item, name)
        case ObjectValue():
            for key, item in value.items:
                yield from _tell(item, key)
        case Choose():
            for case in value.cases:
                yield from _tell(case.value, name)
        case _:
            return


def _tell_text(text: str, name: str) -> Iterator[str]:
    if "://" in text and re.search(IN_ADDRESS, text):
        yield "the password of an address"
    elif ("whsec_" in text or "earer" in text or "PRIVATE KEY" in text) and re.search(BEARS_ONE, text):
        yield "a secret"
    elif name.lower() in HEADERS and text.strip() and not without_placeholders(text)[1]:
        yield f"the value of `{name}`"
