"""Where a condition or value stands: whose fields are bare, which steps it may ask about, what zone its local times are of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from seqlang.frozen import Record, replace
from seqlang.plan.conditions import LinkStep
from seqlang.semantics.names import Names
from seqlang.semantics.project import NOTHING
from seqlang.semantics.report import Reporter
from seqlang.syntax import tree
from seqlang.vocabulary.channels import ChannelSpec

Place = Literal["view", "audience", "trigger", "step", "exit", "goal", "wait", "branch", "event", "with", "value", "test"]
# Nobody is in the flow yet where these are asked, so nothing can be known of an enrolment.
BEFORE_ENTRY: tuple[Place, ...] = ("view", "audience", "trigger")


class StepInfo(Record):
    """What conditions and options may know of a step."""

    name: str
    index: int  # in file order, from 0
    node: tree.Step
    channel: ChannelSpec | None  # None: unknown word, reported already
    outcomes: tuple[str, ...]  # that may be reported; none: not known, or nothing is reported
    draft: bool  # makes an email reminder first
    day: int | None  # of `on day N`


class Scope(Record):
    """The surroundings of a condition or value."""

    names: Names
    report: Reporter
    subject: str  # the record that is asked: a record type, or "event:NAME"
    home: str  # the record whose fields stand bare: the subject, or (a sequence for account) its account
    home_links: tuple[LinkStep, ...]  # from the subject to it
    zone: str  # IANA name, of local instants and dates
    place: Place
    steps: Mapping[str, StepInfo] = NOTHING
    step: StepInfo | None = None  # the one whose condition or option this is
    position: int | None = None  # in file order, of a statement that asks; None: asked all the time
    kind: str | None = None  # of the flow; None: no flow
    owned: bool = True  # the flow has an owner
    since_entry: bool = False  # events count since entry (`goal`, `wait until`)
    views: tuple[str, ...] = ()  # that are being read in, to find circles

    def of(self, record: str, place: Place | None = None) -> Scope:
        """Return the scope of conditions asked of a record of its own: `deal with (…)`, an event's properties."""
        return replace(self, subject=record, home=record, home_links=(), place=place or self.place)

    def at(self, place: Place, *, step: StepInfo | None = None, position: int | None = None, since_entry: bool = False) -> Scope:
        """Return the same surroundings at another place of the flow."""
        return replace(self, place=place, step=step, position=position, since_entry=since_entry)


def record_scope(names: Names, report: Reporter, record: str, zone: str) -> Scope:
    """Return the scope of a condition on records of one type, outside of any flow."""
    return Scope(names=names, report=report, subject=record, home=record, home_links=(), zone=zone, place="view")
