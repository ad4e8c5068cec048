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
    channels: dict[str, dict[str, Any]] = {}  # noqa: RUF012  # word -> mailbox or "default" -> settings
