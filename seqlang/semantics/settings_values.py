"""The kinds of values of `seqlang.toml`: a check returns the value, or reports it at its key and returns WRONG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.diagnostics.source import Span
from seqlang.frozen import Record
from seqlang.schedule.zones import zone_exists
from seqlang.semantics.moments import usual_zone
from seqlang.semantics.report import Reporter, listing, nearest
from seqlang.semantics.toml_places import Key, find_keys, place_of
from seqlang.semantics.values import ADDRESS

WRONG = object()  # what a check returns for a value that it has reported


class Reader(Record):
    """Where mistakes of one file go, each at its key."""

    report: Reporter

    def at(self, key: Key) -> Span:
        """Return the place of a key."""
        return place_of(find_keys(self.report.source.text), key)

    def wrong(self, key: Key, message: str, hint: str | None = None, code: str = "SEQ802") -> object:
        """Report what is wrong with the value of a key."""
        self.report.error(code, self.at(key), message, hint=hint)
        return WRONG


Check = Callable[[Reader, Key, Any], Any]


def entries(reader: Reader, key: Key, data: Mapping[str, Any], known: Mapping[str, Check]) -> dict[str, Any]:
    """Return the entries of a table that are right; report the others."""
    clean: dict[str, Any] = {}
    for name, value in data.items():
        if name not in known:
            unknown(reader, (*key, name), name, known)
            continue
        found = known[name](reader, (*key, name), value)
        if found is not WRONG:
            clean[name] = found
    return clean


def unknown(reader: Reader, key: Key, name: str, known: Mapping[str, Check]) -> None:
    """Report a key that the table does not have, with the one that is meant."""
    near, at = nearest(name, known), reader.at(key)
    fix = Fix(f"write `{near}`", (Edit(Span(at.end - len(name), at.end), near),)) if near else None
    hint = f"did you mean `{near}`?" if near else f"there are {listing(known, 12)}"
    table = ".".join(str(part) for part in ("plan" if key[0] == "plans" else key[0], *key[1:-1]) if not isinstance(part, int))
    where = f"`[{table}]` has no key `{name}`" if len(key) > 1 else f"there is no setting `{name}`"
    reader.report.error("SEQ801", at, where, hint=hint, fix=fix)


def text(reader: Reader, key: Key, value: Any) -> Any:
    """Some text."""
    return value if isinstance(value, str) and value else reader.wrong(key, f"`{key[-1]}` must be a text in quotes")


def whole(reader: Reader, key: Key, value: Any) -> Any:
    """A whole number from 0."""
    fine = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if fine else reader.wrong(key, f"`{key[-1]}` must be a whole number from 0")


def truth(reader: Reader, key: Key, value: Any) -> Any:
    """True or false."""
    return value if isinstance(value, bool) else reader.wrong(key, f"`{key[-1]}` must be `true` or `false`")


def texts(reader: Reader, key: Key, value: Any) -> Any:
    """A list of texts."""
    fine = isinstance(value, list) and all(isinstance(v, str) for v in value)
    return tuple(value) if fine else reader.wrong(key, f"`{key[-1]}` must be a list of texts", 'write `["email", "sms"]`')


def zone(reader: Reader, key: Key, value: Any) -> Any:
    """The name of a time zone."""
    if not isinstance(value, str):
        return reader.wrong(key, f"`{key[-1]}` must be a text in quotes")
    if zone_exists(value):
        return value
    from zoneinfo import available_timezones

    near = usual_zone(value) or nearest(value, available_timezones())
    return reader.wrong(key, f"`{value}` is not a time zone", f"did you mean `{near}`?" if near else None, "SEQ320")


def address(reader: Reader, key: Key, value: Any) -> Any:
    """An e-mail address."""
    fine = isinstance(value, str) and ADDRESS.match(value) is not None
    return value if fine else reader.wrong(key, f"`{key[-1]}` must be an e-mail address")


def one_of(*words: str) -> Check:
    """Return the check for one of these words."""

    def check(reader: Reader, key: Key, value: Any) -> Any:
        if value in words:
            return value
        near = nearest(value, words) if isinstance(value, str) else None
        hint = f"did you mean `{near}`?" if near else None
        return reader.wrong(key, f"`{key[-1]}` must be one of {', '.join(f'`{w}`' for w in words)}", hint)

    return check


def group(known: Mapping[str, Check]) -> Check:
    """Return the check for a table with these keys."""

    def check(reader: Reader, key: Key, value: Any) -> Any:
        if not isinstance(value, dict):
            return reader.wrong(key, f"`{key[-1]}` must be a table", f"write `[{key[-1]}]`")
        return entries(reader, key, value, known)

    return check


def groups(known: Mapping[str, Check], needed: str) -> Check:
    """Return the check for a list of tables with these keys, of which one must be there."""

    def check(reader: Reader, key: Key, value: Any) -> Any:
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            return reader.wrong(key, f"`{key[-1]}` must be a list of tables", f"write `[[{key[-1]}]]`")
        found = []
        for n, item in enumerate(value):
            if needed not in item:
                reader.wrong((*key, n), f"`[[{key[-1]}]]` needs `{needed}`", code="SEQ803")
            clean = entries(reader, (*key, n), item, known)
            if needed in clean:
                found.append(clean)
        return tuple(found)

    return check
