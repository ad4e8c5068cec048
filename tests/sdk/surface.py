"""The public surface of the SDK as text: every name, every field, every parameter, every hook.

`python -m tests.sdk.surface` writes `surface.txt` anew. A change that adds is a new minor of SDK_VERSION, one that breaks plugins
a new major: the first line of the file is the version, so that no change goes in without a thought of it.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqlang import sdk
from seqlang.sdk import hooks, refusals, testing, texts

GOLDEN = Path(__file__).with_name("surface.txt")


def surface() -> str:
    """Return the surface, a line a name."""
    lines = [f"SDK {sdk.SDK_VERSION}"]
    for name in sdk.__all__:
        lines += _described(name, getattr(sdk, name))
    for name in sorted(vars(hooks)):
        found = getattr(hooks, name)
        if hasattr(found, f"{hooks.PROJECT}_spec"):
            first = " -> the first answer" if getattr(found, f"{hooks.PROJECT}_spec")["firstresult"] else ""
            lines.append(f"hook {name}{inspect.signature(found)}{first}")
    for module in (texts, refusals):
        lines += [line for name in module.__all__ for line in _described(f"{module.__name__.removeprefix('seqlang.sdk.')}.{name}",
                                                                       getattr(module, name))]
    for name in testing.__all__:
        lines += _described(f"testing.{name}", getattr(testing, name))
    return "\n".join(lines) + "\n"


def _described(name: str, found: Any) -> Iterator[str]:
    if not isinstance(found, type):
        yield f"{name}{inspect.signature(found)}" if inspect.isfunction(found) else f"{name} = {_shown(found)}"
        return
    yield f"class {name}"
    fields = getattr(found, "__dataclass_fields__", {})
    for field in fields.values():
        kind = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))
        yield f"  {field.name}: {kind}"
    for key, value in sorted(vars(found).items()):
        if key.startswith("_") or key in fields:
            continue
        if isinstance(value, property):
            yield f"  {key} -> {value.fget.__annotations__.get('return')}"
        elif inspect.isfunction(value):
            yield f"  {key}{inspect.signature(value)}"


def _shown(found: Any) -> str:
    if typing.get_args(found):
        return str(found).replace("typing.", "").replace("seqlang.sdk.outcomes.", "")
    if isinstance(found, str) or typing.get_origin(found) is not None:
        return str(found)
    return found.pattern.encode("unicode_escape").decode() if hasattr(found, "pattern") else type(found).__name__


if __name__ == "__main__":
    GOLDEN.write_text(surface(), "utf-8")
