"""A plan that a customer pays for, as data: what it allows (issue: limits as plugins; LANGUAGE 5.8 and 8)."""

from __future__ import annotations

from typing import Literal

from seqlang.vocabulary.channels import ChannelSpec
from seqlang.vocabulary.plugging import FunctionSpec, RuleSpec, SourceSpec
from seqlang.vocabulary.records import Frozen


class PolicyLimit(Frozen):
    """One limit on messages that the engine enforces; the same words as plan.model.LimitPlan."""

    name: str
    what: str
    per: Literal["user", "organisation", "mailbox", "domain", "contact"] = "user"
    window: Literal["day", "week", "month", "ever"] = "day"
    count: int
    over: Literal["defer", "skip", "fail", "retry once"] = "defer"
    kinds: tuple[str, ...] = ()


class PolicySpec(Frozen):
    """One plan, e.g. "freshsales.growth". None: no stated limit."""

    name: str
    limits: tuple[PolicyLimit, ...] = ()
    flows_per_user: int | None = None  # active sequences (and cadences) of one owner
    workflows_per_organisation: int | None = None
    conditions_max: int | None = None  # in an audience, a step, all exits together
    steps_max: int | None = None
    last_day_max: int | None = None  # classic sequences end on this day
    actions_warn: int | None = None  # more actions in a cadence than this: a warning
    journey_emails_per_contact_per_month: int | None = None  # journeys' e-mails a month, times the active contacts
    source: str = ""  # where the figures come from


class Words(Frozen):
    """All that plugins bring and a project may use; `check` reads it as data and runs no plugin code it need not."""

    channels: tuple[ChannelSpec, ...]
    policies: tuple[PolicySpec, ...] = ()
    sources: tuple[SourceSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    functions: tuple[FunctionSpec, ...] = ()
    left_out: tuple[str, ...] = ()  # plugins that cannot be used, by name: what they bring is unknown

    def channel(self, word: str) -> ChannelSpec | None:
        """Return the channel of that word."""
        return next((c for c in self.channels if c.word == word), None)

    def policy(self, name: str) -> PolicySpec | None:
        """Return the plan of that name."""
        return next((p for p in self.policies if p.name == name), None)


__all__ = ["PolicyLimit", "PolicySpec", "Words"]
