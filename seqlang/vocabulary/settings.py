"""The settings of a project, `seqlang.toml`, as data (COMMANDS, `seqlang.toml`)."""

from __future__ import annotations

from typing import Any, Literal

from seqlang.vocabulary.records import Frozen


class SecretRef(Frozen):
    """Where a secret is found; never the secret itself. Exactly one of the three."""

    env: str | None = None
    file: str | None = None
    command: str | None = None


class UserSettings(Frozen):
    """One `[[users]]`."""

    email: str
    first_name: str | None = None
    last_name: str | None = None
    timezone: str | None = None
    manager: str | None = None
    active: bool = True
    role: Literal["viewer", "rep", "admin"] = "rep"


class PlanSettings(Frozen):
    """One `[plan.NAME]` of the project's own."""

    sequences_per_user: int | None = None
    emails_per_user_per_day: int | None = None
    emails_total: int | None = None
    over_limit: Literal["defer", "skip", "fail"] = "defer"
    limits: tuple[dict[str, Any], ...] = ()  # further limits, in the words of plan.model.LimitPlan


class PaceSettings(Frozen):
    """`[pace]`, over all flows."""

    messages_per_contact_per_week: int | None = None
    messages_per_domain_per_day: int | None = None
    quiet: str | None = None  # the name of a calendar


LOOPBACK = ("localhost", "127.0.0.1", "::1")  # hosts that are this machine


class HookSettings(Frozen):
    """`[web.hooks.NAME]`: a provider who tells us what happened, at `/hooks/NAME`."""

    secret: SecretRef
    verify: Literal["standard", "hmac", "token"] = "standard"  # Standard Webhooks; HMAC-SHA256 of the body; a bearer token
    plugin: str | None = None  # whose code checks and reads its calls instead
    header: str | None = None  # hmac: which header has the signature (default `X-Signature`); token: which has the token


class MachineSettings(Frozen):
    """`[web.machines]`: signs of machines beside those that come with seqlang."""

    user_agents: tuple[str, ...] = ()  # words in the name of a machine's browser, case ignored; `*` goes on
    networks: tuple[str, ...] = ()  # "192.0.2.0/24"
    seconds_after_delivery: float | None = None  # whatever opens or clicks sooner is a machine


class WebSettings(Frozen):
    """`[web]`: the web application, `seqlang serve`."""

    url: str | None = None  # where people reach it from outside: "https://mail.example.com"; None: nothing is tracked
    secret: SecretRef | None = None  # signs links; without it no link is made
    old_secrets: tuple[SecretRef, ...] = ()  # signed links before; those are still good
    name: str | None = None  # how its pages name the sender; None: the project's name
    host: str = "127.0.0.1"
    port: int = 8470
    behind: tuple[str, ...] = ("127.0.0.1",)  # proxies whose word on the caller's address is taken
    hooks: dict[str, HookSettings] = {}  # noqa: RUF012  # nobody writes to it
    machines: MachineSettings = MachineSettings()


class ExpectedSettings(Frozen):
    """`[expect]`: what the project is made for, so that `check` can say which limits are too narrow."""

    contacts: int | None = None  # who come into a sequence at its start
    start: str | None = None  # the day of the start, "2026-03-02"; None: days are counted


class SourceEntry(Frozen):
    """One `[sources.NAME]`: where records come from, and what becomes of each row."""

    kind: str  # of a source that a plugin brings: "csv", "sql"
    record: str = "contact"  # `as` in the file
    key: str | None = None  # the field that says whose row it is; None: the record's own
    every_seconds: int | None = None  # `every` in the file; None: as the plugin says
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    sets: dict[str, str] = {}  # noqa: RUF012  # `set` in the file: field -> text of the value
    maps: dict[str, str] = {}  # noqa: RUF012  # `map` in the file: column -> field; "": left out
    values: dict[str, Any] = {}  # noqa: RUF012  # the plugin's own keys


class ProjectSettings(Frozen):
    """The whole file. `channels` is left to the plugins' own models."""

    name: str = "seqlang"
    database: str | None = None
    timezone: str = "UTC"
    plan: str | None = None  # the name of a plan: of a plugin, or a key of `plans`
    plans: dict[str, PlanSettings] = {}  # noqa: RUF012  # nobody writes to it; from [plan.NAME] tables
    plugins: tuple[str, ...] | None = None
    pace: PaceSettings = PaceSettings()
    users: tuple[UserSettings, ...] = ()
    web: WebSettings = WebSettings()
    rules: dict[str, Literal["off", "warning", "error"]] = {}  # noqa: RUF012  # code of a warning -> how it counts
    expect: ExpectedSettings = ExpectedSettings()
    sources: dict[str, SourceEntry] = {}  # noqa: RUF012  # name -> a source of records
    channels: dict[str, dict[str, Any]] = {}  # noqa: RUF012  # word -> mailbox or "default" -> settings
