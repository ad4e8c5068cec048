"""`seqlang.toml` to settings: every key known and of its type, all mistakes at once (COMMANDS, `seqlang.toml`)."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.semantics import settings_values as values
from seqlang.semantics.report import Reporter, nearest
from seqlang.semantics.settings_values import WRONG, Check, Reader
from seqlang.semantics.toml_places import Key, line_span, mend_plans
from seqlang.vocabulary.reading import read_record
from seqlang.vocabulary.settings import ProjectSettings

RULES = ("defer", "skip", "fail", "retry once")
ROLES = ("viewer", "rep", "admin")
SECRET_KEYS = ("password", "secret", "token", "_key")  # ends of names
ADDRESS_THAT_TELLS = r"://[^\s/:@]*:[^\s/@]+@"
SECRET_WAYS = ("env", "file", "command")


def read_settings(text: str) -> tuple[ProjectSettings, tuple[Diagnostic, ...]]:
    """Return the settings and what is wrong with them; a wrong key has its default."""
    sink: list[Diagnostic] = []
    report = Reporter(Source("seqlang.toml", text), sink)
    try:
        data = tomllib.loads(mend_plans(text))
    except tomllib.TOMLDecodeError as problem:
        message, _, place = str(problem).partition(" (at ")
        line = re.search(r"line (\d+)", place)
        at = line_span(text, int(line[1]) if line else text.count("\n") + 1)
        report.error("SEQ800", at, f"this is no TOML: {message[:1].lower()}{message[1:]}".replace("'", "`"))
        return ProjectSettings(), tuple(sink)
    reader = Reader(report)
    clean = values.entries(reader, (), data, _PROJECT)
    _check_users(reader, clean.get("users", []))
    return read_record(ProjectSettings, clean), tuple(sorted(sink, key=lambda d: d.span.start))


def _plans(reader: Reader, key: Key, value: Any) -> Any:
    if not isinstance(value, dict):
        return reader.wrong(key, "`plans` must be a table", "write `[plan.NAME]`")
    found = {}
    for name, table in value.items():
        clean = values.group(_PLAN)(reader, (*key, name), table)
        if clean is not WRONG:
            found[name] = clean
    return found


def _channels(reader: Reader, key: Key, value: Any) -> Any:
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


def _secret(reader: Reader, key: Key, name: str, value: Any) -> None:
    if name.endswith(SECRET_KEYS) and isinstance(value, str):
        reader.wrong(key, f"`{name}` is in the clear in a file of the project", 'write `{ env = "NAME" }`', "SEQ805")
    elif isinstance(value, str) and re.search(ADDRESS_THAT_TELLS, value):
        hint = 'leave it out there and write `password = { env = "NAME" }`'
        reader.wrong(key, f"a password is in the clear in `{name}`", hint, "SEQ805")
    if isinstance(value, dict) and value and all(isinstance(inner, dict) for inner in value.values()):
        for inner, place in value.items():  # a table of secrets, each under its name
            _secret(reader, (*key, inner), inner, place)
        return
    if isinstance(value, dict) and (len(value) != 1 or next(iter(value)) not in SECRET_WAYS):
        near = nearest(next(iter(value)), SECRET_WAYS) if len(value) == 1 else None
        hint = f"did you mean `{near}`?" if near else 'write `{ env = "NAME" }`'
        reader.wrong(key, f"`{name}` is found by exactly one of `env`, `file` and `command`", hint, "SEQ805")


def _place_of_secret(reader: Reader, key: Key, value: Any) -> Any:
    """A secret says where it is found."""
    name = next(part for part in reversed(key) if isinstance(part, str))
    if isinstance(value, str):
        told = f"`{name}` is in the clear in a file of the project"
        return reader.wrong(key, told, 'write `{ env = "NAME" }`', "SEQ805")
    fine = isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SECRET_WAYS
    if fine and all(isinstance(v, str) and v for v in value.values()):
        return value
    hint = 'write `{ env = "NAME" }`'
    return reader.wrong(key, f"`{name}` is found by exactly one of `env`, `file` and `command`", hint, "SEQ805")


def _places_of_secrets(reader: Reader, key: Key, value: Any) -> Any:
    if not isinstance(value, list):
        return reader.wrong(key, f"`{key[-1]}` must be a list", 'write `[{ env = "NAME" }]`')
    found = [_place_of_secret(reader, (*key, number), one) for number, one in enumerate(value)]
    return [one for one in found if one is not WRONG]


def _web_address(reader: Reader, key: Key, value: Any) -> Any:
    """An address that links begin with: nothing of it is lost when something is put behind it."""
    if isinstance(value, str) and re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?", value):
        return value.rstrip("/")
    return reader.wrong(key, f"`{key[-1]}` must be the address of a site", 'write `"https://mail.example.com"`')


def _networks(reader: Reader, key: Key, value: Any) -> Any:
    from ipaddress import ip_network

    found = values.texts(reader, key, value)
    for text in found if found is not WRONG else ():
        try:
            ip_network(text, strict=False)
        except ValueError:
            return reader.wrong(key, f"`{text}` is no network", 'write `"192.0.2.0/24"`')
    return found


def _seconds(reader: Reader, key: Key, value: Any) -> Any:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return float(value) if fine else reader.wrong(key, f"`{key[-1]}` must be a number from 0")


def _hooks(reader: Reader, key: Key, value: Any) -> Any:
    if not isinstance(value, dict):
        return reader.wrong(key, "`hooks` must be a table", "write `[web.hooks.NAME]`")
    found = {}
    for name, table in value.items():
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
            reader.wrong((*key, name), f"`{name}` is no name for a hook", "it is part of an address: small letters, digits, `-`")
            continue
        clean = values.group(_HOOK)(reader, (*key, name), table)
        if clean is WRONG:
            continue
        if "secret" in clean:
            found[name] = clean
        elif "secret" not in table:
            reader.wrong((*key, name), f"the hook `{name}` needs `secret`", code="SEQ803")
    return found


_SOURCE_DURATION = r"(\d+)\s*(second|minute|hour|day)s?"
_SOURCE_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def _every(reader: Reader, key: Key, value: Any) -> Any:
    found = re.fullmatch(_SOURCE_DURATION, value.strip()) if isinstance(value, str) else None
    if found is None or not int(found[1]):
        return reader.wrong(key, f"`{key[-1]}` must be a duration in quotes", 'write `"5 minutes"`')
    return int(found[1]) * _SOURCE_SECONDS[found[2]]


def _text_pairs(reader: Reader, key: Key, value: Any) -> Any:
    if isinstance(value, dict) and all(isinstance(v, str | int | float) for v in value.values()):
        return {name: ("yes" if v else "no") if isinstance(v, bool) else str(v) for name, v in value.items()}
    return reader.wrong(key, f"`{key[-1]}` must be a table of texts", 'write `{ "Column" = "field" }`')


_SOURCE: dict[str, tuple[str, Check]] = {  # key of the file -> name in the settings, check
    "kind": ("kind", values.text),
    "as": ("record", values.text),
    "key": ("key", values.text),
    "every": ("every_seconds", _every),
    "tags": ("tags", values.texts),
    "lists": ("lists", values.texts),
    "set": ("sets", _text_pairs),
    "map": ("maps", _text_pairs),
}


def _sources(reader: Reader, key: Key, value: Any) -> Any:
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


def _database(reader: Reader, key: Key, value: Any) -> Any:
    """The database's address: a plain text, so that a password in it is a warning; it need not stand there."""
    from seqlang.sdk.secret_parts import of_password

    if isinstance(value, str) and of_password(value):
        hint = "leave it out there; set the whole address in `SEQLANG_DATABASE`, or the password in `PGPASSWORD` or ~/.pgpass"
        reader.report.warning("SEQ806", reader.at(key), f"a password is in the clear in `{key[-1]}`", hint=hint)
    return values.text(reader, key, value)


def _rules(reader: Reader, key: Key, value: Any) -> Any:
    """Levels of warnings by their codes; those of plugins begin otherwise than ours and are not known here."""
    from seqlang.diagnostics.catalogue import CATALOGUE, yields  # few projects need it

    if not isinstance(value, dict):
        return reader.wrong(key, "`rules` must be a table", "write `[rules]`")
    found = {}
    for code, level in value.items():
        entry = CATALOGUE.get(code)
        if entry is None and (code.startswith("SEQ") or not re.fullmatch(r"[A-Z]+\d+", code)):
            values.unknown(reader, (*key, code), code, {c: values.text for c in CATALOGUE if yields(c)})
        elif entry is not None and not yields(code):
            reader.wrong((*key, code), f"{code} is an error and stays one", "only warnings have levels")
        elif values.one_of("off", "warning", "error")(reader, (*key, code), level) is not WRONG:
            found[code] = level
    return found


def _day(reader: Reader, key: Key, value: Any) -> Any:
    """A date, of TOML's own type or as a text."""
    from datetime import date, datetime

    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        return reader.wrong(key, f"`{key[-1]}` must be a date", "write `2026-03-02`")


def _check_users(reader: Reader, users: Any) -> None:
    seen: set[str] = set()
    for n, user in enumerate(users):
        email = user["email"].casefold()
        if email in seen:
            reader.wrong(("users", n, "email"), f"`{user['email']}` is listed twice", code="SEQ804")
        seen.add(email)


_PLAN: dict[str, Check] = {
    "sequences_per_user": values.whole,
    "emails_per_user_per_day": values.whole,
    "emails_total": values.whole,
    "over_limit": values.one_of("defer", "skip", "fail"),
    "limits": values.groups(
        {
            "name": values.text,
            "what": values.text,
            "per": values.one_of("user", "organisation", "mailbox", "domain", "contact"),
            "window": values.one_of("day", "week", "month", "ever"),
            "count": values.whole,
            "over": values.one_of(*RULES),
            "kinds": values.texts,
        },
        "count",
    ),
}
_HOOK: dict[str, Check] = {
    "secret": _place_of_secret,
    "verify": values.one_of("standard", "hmac", "token"),
    "header": values.text,
    "plugin": values.text,
}
_WEB: dict[str, Check] = {
    "url": _web_address,
    "secret": _place_of_secret,
    "old_secrets": _places_of_secrets,
    "name": values.text,
    "host": values.text,
    "port": values.whole,
    "behind": values.texts,
    "hooks": _hooks,
    "machines": values.group({"user_agents": values.texts, "networks": _networks, "seconds_after_delivery": _seconds}),
}
_PROJECT: dict[str, Check] = {
    "name": values.text,
    "database": _database,
    "timezone": values.zone,
    "plan": values.text,
    "plugins": values.texts,
    "plans": _plans,
    "channels": _channels,
    "web": values.group(_WEB),
    "rules": _rules,
    "sources": _sources,
    "expect": values.group({"contacts": values.whole, "start": _day}),
    "pace": values.group({
        "messages_per_contact_per_week": values.whole, "messages_per_domain_per_day": values.whole, "quiet": values.text,
    }),
    "users": values.groups(
        {
            "email": values.address, "first_name": values.text, "last_name": values.text, "timezone": values.zone,
            "manager": values.address, "active": values.truth, "role": values.one_of(*ROLES),
        },
        "email",
    ),
}
