"""`seqlang.toml` to settings: every key known and of its type, all mistakes at once (COMMANDS, `seqlang.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.schedule.zones import zone_exists
from seqlang.semantics.report import Reporter, listing, nearest
from seqlang.semantics.toml_places import Key, find_keys, line_span, mend_plans, place_of
from seqlang.semantics.values import ADDRESS
from seqlang.vocabulary.reading import read_record
from seqlang.vocabulary.settings import ProjectSettings

RULES = ("defer", "skip", "fail", "retry once")
ROLES = ("viewer", "rep", "admin")
SECRET_KEYS = ("password", "secret", "token", "_key")  # ends of names
ADDRESS_THAT_TELLS = r"://[^\s/:@]*:[^\s/@]+@"
SECRET_WAYS = ("env", "file", "command")
WRONG = object()  # what a check returns for a value that it has reported


class _Reader(Record):
    report: Reporter

    def at(self, key: Key) -> Span:
        return place_of(find_keys(self.report.source.text), key)

    def wrong(self, key: Key, message: str, hint: str | None = None, code: str = "SEQ802") -> object:
        self.report.error(code, self.at(key), message, hint=hint)
        return WRONG


Check = Callable[[_Reader, Key, Any], Any]


def read_settings(text: str, path: str = "seqlang.toml") -> tuple[ProjectSettings, tuple[Diagnostic, ...]]:
    """Return the settings and what is wrong with them; a wrong key has its default."""
    sink: list[Diagnostic] = []
    report = Reporter(Source(path, text), sink)
    try:
        data = tomllib.loads(mend_plans(text))
    except tomllib.TOMLDecodeError as problem:
        message, _, place = str(problem).partition(" (at ")
        line = re.search(r"line (\d+)", place)
        at = line_span(text, int(line[1]) if line else text.count("\n") + 1)
        report.error("SEQ800", at, f"this is no TOML: {message[:1].lower()}{message[1:]}".replace("'", "`"))
        return ProjectSettings(), tuple(sink)
    reader = _Reader(report)
    clean = _entries(reader, (), data, _PROJECT)
    _check_users(reader, clean.get("users", []))
    return read_record(ProjectSettings, clean), tuple(sorted(sink, key=lambda d: d.span.start))


def _entries(reader: _Reader, key: Key, data: Mapping[str, Any], known: Mapping[str, Check]) -> dict[str, Any]:
    """Return the entries of a table that are right; report the others."""
    clean: dict[str, Any] = {}
    for name, value in data.items():
        if name not in known:
            _unknown(reader, (*key, name), name, known)
            continue
        found = known[name](reader, (*key, name), value)
        if found is not WRONG:
            clean[name] = found
    return clean


def _unknown(reader: _Reader, key: Key, name: str, known: Mapping[str, Check]) -> None:
    near, at = nearest(name, known), reader.at(key)
    fix = Fix(f"write `{near}`", (Edit(Span(at.end - len(name), at.end), near),)) if near else None
    hint = f"did you mean `{near}`?" if near else f"there are {listing(known, 12)}"
    table = ".".join(str(part) for part in ("plan" if key[0] == "plans" else key[0], *key[1:-1]) if not isinstance(part, int))
    where = f"`[{table}]` has no key `{name}`" if len(key) > 1 else f"there is no setting `{name}`"
    reader.report.error("SEQ801", at, where, hint=hint, fix=fix)


# --------------------------------------------------------------------------------------------- types


def _text(reader: _Reader, key: Key, value: Any) -> Any:
    return value if isinstance(value, str) and value else reader.wrong(key, f"`{key[-1]}` must be a text in quotes")


def _whole(reader: _Reader, key: Key, value: Any) -> Any:
    fine = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if fine else reader.wrong(key, f"`{key[-1]}` must be a whole number from 0")


def _truth(reader: _Reader, key: Key, value: Any) -> Any:
    return value if isinstance(value, bool) else reader.wrong(key, f"`{key[-1]}` must be `true` or `false`")


def _texts(reader: _Reader, key: Key, value: Any) -> Any:
    fine = isinstance(value, list) and all(isinstance(v, str) for v in value)
    return tuple(value) if fine else reader.wrong(key, f"`{key[-1]}` must be a list of texts", 'write `["email", "sms"]`')


def _zone(reader: _Reader, key: Key, value: Any) -> Any:
    if not isinstance(value, str):
        return reader.wrong(key, f"`{key[-1]}` must be a text in quotes")
    if zone_exists(value):
        return value
    from zoneinfo import available_timezones

    near = nearest(value, available_timezones())
    return reader.wrong(key, f"`{value}` is not a time zone", f"did you mean `{near}`?" if near else None, "SEQ320")


def _address(reader: _Reader, key: Key, value: Any) -> Any:
    fine = isinstance(value, str) and ADDRESS.match(value) is not None
    return value if fine else reader.wrong(key, f"`{key[-1]}` must be an e-mail address")


def _one_of(*words: str) -> Check:
    def check(reader: _Reader, key: Key, value: Any) -> Any:
        if value in words:
            return value
        near = nearest(value, words) if isinstance(value, str) else None
        hint = f"did you mean `{near}`?" if near else None
        return reader.wrong(key, f"`{key[-1]}` must be one of {', '.join(f'`{w}`' for w in words)}", hint)

    return check


def _group(known: Mapping[str, Check]) -> Check:
    def check(reader: _Reader, key: Key, value: Any) -> Any:
        if not isinstance(value, dict):
            return reader.wrong(key, f"`{key[-1]}` must be a table", f"write `[{key[-1]}]`")
        return _entries(reader, key, value, known)

    return check


def _groups(known: Mapping[str, Check], needed: str) -> Check:
    def check(reader: _Reader, key: Key, value: Any) -> Any:
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            return reader.wrong(key, f"`{key[-1]}` must be a list of tables", f"write `[[{key[-1]}]]`")
        found = []
        for n, item in enumerate(value):
            if needed not in item:
                reader.wrong((*key, n), f"`[[{key[-1]}]]` needs `{needed}`", code="SEQ803")
            clean = _entries(reader, (*key, n), item, known)
            if needed in clean:
                found.append(clean)
        return tuple(found)

    return check


def _plans(reader: _Reader, key: Key, value: Any) -> Any:
    if not isinstance(value, dict):
        return reader.wrong(key, "`plans` must be a table", "write `[plan.NAME]`")
    found = {}
    for name, table in value.items():
        clean = _group(_PLAN)(reader, (*key, name), table)
        if clean is not WRONG:
            found[name] = clean
    return found


def _channels(reader: _Reader, key: Key, value: Any) -> Any:
    """Mailboxes are tables of tables; what stands in them is for the channel to say, but no secret stands in the clear."""
    if not isinstance(value, dict):
        return reader.wrong(key, "`channels` must be a table", "write `[channels.email.default]`")
    found: dict[str, dict[str, Any]] = {}
    for word, boxes in value.items():
        if not isinstance(boxes, dict) or not all(isinstance(box, dict) for box in boxes.values()):
            reader.wrong((*key, word), f"`channels.{word}` holds mailboxes", f"write `[channels.{word}.default]` above its keys")
            continue
        for name, box in boxes.items():
            for option, setting in box.items():
                _secret(reader, (*key, word, name, option), option, setting)
        found[word] = boxes
    return found


def in_the_clear(name: str, value: str) -> bool:
    """Tell whether a text gives itself away as a secret: by the key's name, or as an address with a password."""
    return name.endswith(SECRET_KEYS) or re.search(ADDRESS_THAT_TELLS, value) is not None


def _secret(reader: _Reader, key: Key, name: str, value: Any) -> None:
    if name.endswith(SECRET_KEYS) and isinstance(value, str):
        reader.wrong(key, f"`{name}` stands in the clear in a file of the project", 'write `{ env = "NAME" }`', "SEQ805")
    elif isinstance(value, str) and re.search(ADDRESS_THAT_TELLS, value):
        hint = 'leave it out there and write `password = { env = "NAME" }`'
        reader.wrong(key, f"a password stands in the clear in `{name}`", hint, "SEQ805")
    if isinstance(value, dict) and value and all(isinstance(inner, dict) for inner in value.values()):
        for inner, place in value.items():  # a table of secrets, each under its name
            _secret(reader, (*key, inner), inner, place)
        return
    if isinstance(value, dict) and (len(value) != 1 or next(iter(value)) not in SECRET_WAYS):
        near = nearest(next(iter(value)), SECRET_WAYS) if len(value) == 1 else None
        hint = f"did you mean `{near}`?" if near else 'write `{ env = "NAME" }`'
        reader.wrong(key, f"`{name}` is found by exactly one of `env`, `file` and `command`", hint, "SEQ805")


def _place_of_secret(reader: _Reader, key: Key, value: Any) -> Any:
    """A secret says where it is found."""
    if isinstance(value, str):
        told = f"`{key[-1]}` stands in the clear in a file of the project"
        return reader.wrong(key, told, 'write `{ env = "NAME" }`', "SEQ805")
    fine = isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SECRET_WAYS
    if fine and all(isinstance(v, str) and v for v in value.values()):
        return value
    hint = 'write `{ env = "NAME" }`'
    return reader.wrong(key, f"`{key[-1]}` is found by exactly one of `env`, `file` and `command`", hint, "SEQ805")


def _web_address(reader: _Reader, key: Key, value: Any) -> Any:
    """An address that links begin with: nothing of it is lost when something is put behind it."""
    if isinstance(value, str) and re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?", value):
        return value.rstrip("/")
    return reader.wrong(key, f"`{key[-1]}` must be the address of a site", 'write `"https://mail.example.com"`')


def _networks(reader: _Reader, key: Key, value: Any) -> Any:
    from ipaddress import ip_network

    found = _texts(reader, key, value)
    for text in found if found is not WRONG else ():
        try:
            ip_network(text, strict=False)
        except ValueError:
            return reader.wrong(key, f"`{text}` is no network", 'write `"192.0.2.0/24"`')
    return found


def _seconds(reader: _Reader, key: Key, value: Any) -> Any:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return float(value) if fine else reader.wrong(key, f"`{key[-1]}` must be a number from 0")


def _hooks(reader: _Reader, key: Key, value: Any) -> Any:
    if not isinstance(value, dict):
        return reader.wrong(key, "`hooks` must be a table", "write `[web.hooks.NAME]`")
    found = {}
    for name, table in value.items():
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
            reader.wrong((*key, name), f"`{name}` is no name for a hook", "it stands in an address: small letters, digits, `-`")
            continue
        clean = _group(_HOOK)(reader, (*key, name), table)
        if clean is WRONG:
            continue
        if "secret" in clean:
            found[name] = clean
        elif "secret" not in table:
            reader.wrong((*key, name), f"the hook `{name}` needs `secret`", code="SEQ803")
    return found


_SOURCE_DURATION = r"(\d+)\s*(second|minute|hour|day)s?"
_SOURCE_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def _every(reader: _Reader, key: Key, value: Any) -> Any:
    found = re.fullmatch(_SOURCE_DURATION, value.strip()) if isinstance(value, str) else None
    if found is None or not int(found[1]):
        return reader.wrong(key, f"`{key[-1]}` must be a duration in quotes", 'write `"5 minutes"`')
    return int(found[1]) * _SOURCE_SECONDS[found[2]]


def _text_pairs(reader: _Reader, key: Key, value: Any) -> Any:
    if isinstance(value, dict) and all(isinstance(v, str | int | float) for v in value.values()):
        return {name: ("yes" if v else "no") if isinstance(v, bool) else str(v) for name, v in value.items()}
    return reader.wrong(key, f"`{key[-1]}` must be a table of texts", 'write `{ "Column" = "field" }`')


_SOURCE: dict[str, tuple[str, Check]] = {  # key of the file -> name in the settings, check
    "kind": ("kind", _text),
    "as": ("record", _text),
    "key": ("key", _text),
    "every": ("every_seconds", _every),
    "tags": ("tags", _texts),
    "lists": ("lists", _texts),
    "set": ("sets", _text_pairs),
    "map": ("maps", _text_pairs),
}


def _sources(reader: _Reader, key: Key, value: Any) -> Any:
    """Sources of records: what all have is read here; the rest is for the plugin to say, but no secret stands in the clear."""
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        return reader.wrong(key, "`sources` holds tables", "write `[sources.NAME]` above its keys")
    found: dict[str, Any] = {}
    for name, table in value.items():
        clean: dict[str, Any] = {"values": {}}
        for option, setting in table.items():
            place = (*key, name, option)
            if option not in _SOURCE:
                _secret(reader, place, option, setting)
                clean["values"][option] = setting
                continue
            field, check = _SOURCE[option]
            if (read := check(reader, place, setting)) is not WRONG:
                clean[field] = read
        if "kind" not in table:
            reader.wrong((*key, name), f"the source `{name}` needs `kind`", 'write `kind = "csv"`', "SEQ803")
        elif "kind" in clean:
            found[name] = clean
    return found


def _rules(reader: _Reader, key: Key, value: Any) -> Any:
    """Levels of warnings by their codes; those of plugins begin otherwise than ours and are not known here."""
    from seqlang.diagnostics.catalogue import CATALOGUE  # few projects need it

    if not isinstance(value, dict):
        return reader.wrong(key, "`rules` must be a table", "write `[rules]`")
    found = {}
    for code, level in value.items():
        entry = CATALOGUE.get(code)
        if entry is None and (code.startswith("SEQ") or not re.fullmatch(r"[A-Z]+\d+", code)):
            _unknown(reader, (*key, code), code, {c: _text for c, e in CATALOGUE.items() if e.severity == "warning"})
        elif entry is not None and entry.severity == "error":
            reader.wrong((*key, code), f"{code} is an error and stays one", "only warnings have levels")
        elif _one_of("off", "warning", "error")(reader, (*key, code), level) is not WRONG:
            found[code] = level
    return found


def _day(reader: _Reader, key: Key, value: Any) -> Any:
    """A date, of TOML's own type or as a text."""
    from datetime import date, datetime

    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        return reader.wrong(key, f"`{key[-1]}` must be a date", "write `2026-03-02`")


def _check_users(reader: _Reader, users: Any) -> None:
    seen: set[str] = set()
    for n, user in enumerate(users):
        email = user["email"].casefold()
        if email in seen:
            reader.wrong(("users", n, "email"), f"`{user['email']}` is listed twice", code="SEQ804")
        seen.add(email)


_PLAN: dict[str, Check] = {
    "sequences_per_user": _whole,
    "emails_per_user_per_day": _whole,
    "emails_total": _whole,
    "over_limit": _one_of("defer", "skip", "fail"),
    "limits": _groups(
        {
            "name": _text, "what": _text, "per": _one_of("user", "organisation", "mailbox", "domain", "contact"),
            "window": _one_of("day", "week", "month", "ever"),
            "count": _whole,
            "over": _one_of(*RULES),
            "kinds": _texts,
        },
        "count",
    ),
}
_HOOK: dict[str, Check] = {
    "secret": _place_of_secret,
    "verify": _one_of("standard", "hmac", "token"),
    "header": _text,
    "plugin": _text,
}
_WEB: dict[str, Check] = {
    "url": _web_address,
    "secret": _place_of_secret,
    "name": _text,
    "host": _text,
    "port": _whole,
    "behind": _texts,
    "hooks": _hooks,
    "machines": _group({"user_agents": _texts, "networks": _networks, "seconds_after_delivery": _seconds}),
}
_PROJECT: dict[str, Check] = {
    "name": _text,
    "database": _text,
    "timezone": _zone,
    "plan": _text,
    "plugins": _texts,
    "plans": _plans,
    "channels": _channels,
    "web": _group(_WEB),
    "rules": _rules,
    "sources": _sources,
    "expect": _group({"contacts": _whole, "start": _day}),
    "pace": _group({"messages_per_contact_per_week": _whole, "messages_per_domain_per_day": _whole, "quiet": _text}),
    "users": _groups(
        {
            "email": _address, "first_name": _text, "last_name": _text, "timezone": _zone,
            "manager": _address, "active": _truth, "role": _one_of(*ROLES),
        },
        "email",
    ),
}
