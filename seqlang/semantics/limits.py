"""The limits of a plan that a flow is held to: of a plugin's plan, of the project's own, of its mailbox (LANGUAGE 5.8)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from seqlang.plan.model import SEQUENCE_KINDS, Kind, LimitPlan
from seqlang.plan.warmups import WarmupPlan, warmup_of
from seqlang.vocabulary.mailboxes import DEFAULT, mailboxes_of
from seqlang.vocabulary.policies import Words
from seqlang.vocabulary.reading import read_record
from seqlang.vocabulary.settings import PlanSettings, ProjectSettings


def flow_limits(settings: ProjectSettings, words: Words, kind: Kind, owner: str | None) -> tuple[LimitPlan, ...]:
    """Return the limits that hold for a flow of this kind and owner."""
    found: list[LimitPlan] = []
    policy = words.policy(settings.plan) if settings.plan is not None else None
    own = settings.plans.get(settings.plan) if settings.plan is not None else None
    if own is not None:
        found += own_limits(own)
    elif policy is not None:
        found += [read_record(LimitPlan, limit.model_dump()) for limit in policy.limits]
        if (each := policy.journey_emails_per_contact_per_month) is not None:
            name = "emails of journeys a month"
            found.append(LimitPlan(name=name, what="email", per="contact", window="month", count=each, kinds=("journey",)))
    found += _mailbox_limits(settings, words, owner if kind in SEQUENCE_KINDS else None)
    return tuple(limit for limit in found if not limit.kinds or kind in limit.kinds)


def own_limits(plan: PlanSettings) -> list[LimitPlan]:
    """Return the limits of a plan that the project defines; one for good skips, whatever its rule (LANGUAGE 5.8)."""
    found: list[LimitPlan] = []
    if plan.emails_per_user_per_day is not None:
        found.append(
            LimitPlan(
                name="emails per user and day",
                what="email",
                per="user",
                window="day",
                count=plan.emails_per_user_per_day,
                over=plan.over_limit,
            )
        )
    if plan.emails_total is not None:
        found.append(
            LimitPlan(name="emails in all", what="email", per="organisation", window="ever", count=plan.emails_total, over="skip")
        )
    for raw in plan.limits:
        limit = read_limit(raw)
        if limit is not None:
            found.append(limit)
    return found


def read_limit(raw: dict[str, Any]) -> LimitPlan | None:
    """Return a limit written in `seqlang.toml`, or None where it is none (the settings' check has said so)."""
    try:
        return read_record(LimitPlan, {"name": raw.get("what", "limit"), "what": "email", **raw})
    except ValueError:
        return None


def _mailbox_limits(settings: ProjectSettings, words: Words, owner: str | None) -> list[LimitPlan]:
    """Return what the mailboxes hold that a flow sends from: its owner's, else the default's (`owner` None: these alone)."""
    found: list[LimitPlan] = []
    for channel in words.channels:
        tables = settings.channels.get(channel.word, {})
        boxes = mailboxes_of(tables, owner or DEFAULT) or mailboxes_of(tables, DEFAULT)
        each = [_daily(table) for _, table in boxes]
        # Of several mailboxes one steps in where another is used up: together they hold as much as all of them.
        if channel.mailbox and channel.limit and each and None not in each:
            found.append(
                LimitPlan(
                    # By this name flows know that they send from the same one.
                    name=f"messages a day from the mailbox {channel.word}:{boxes[0][0].lower()}",
                    what=channel.limit,
                    per="mailbox",
                    window="day",
                    count=sum(one for one in each if isinstance(one, int)),
                    warmups=tuple(one for one in each if isinstance(one, WarmupPlan)),
                )
            )
    return found


def _daily(table: Mapping[str, Any]) -> int | WarmupPlan | None:
    """Return how many messages a mailbox sends a day; None: any number, or its settings are none (their check has said so)."""
    with contextlib.suppress(ValueError):
        if (warmup := warmup_of(table.get)) is not None:
            return warmup
    count = table.get("per_day")
    return count if isinstance(count, int) and count > 0 else None
