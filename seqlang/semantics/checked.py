"""What the checks hand to the compiler: flows with every name resolved and every value typed, still in the shape of the file."""

from __future__ import annotations

from typing import Literal

from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.plan.conditions import Condition, Span
from seqlang.plan.model import (
    ActNode,
    AudiencePlan,
    CalendarPlan,
    ExitCheck,
    Kind,
    Manners,
    SchedulePlan,
    StepNode,
    Trigger,
    WaitNode,
    WaitUntilNode,
)
from seqlang.semantics.scope import StepInfo
from seqlang.syntax import tree

Winner = Literal["opened", "clicked", "replied", "goal"]


class CheckedNode(Record):
    """A step, wait or statement; the compiler gives it its key (a step has it) and what comes next."""

    node: StepNode | WaitNode | WaitUntilNode | ActNode


class CheckedIf(Record):
    """`if … else if … else …`."""

    arms: tuple[tuple[Condition, Body], ...]
    otherwise: Body  # empty where there is no `else`


class CheckedSide(Record):
    """One side of a split."""

    name: str
    share: float  # percent
    holdout: bool
    body: Body


class CheckedSplit(Record):
    """`split "NAME" { … }`."""

    name: str
    sides: tuple[CheckedSide, ...]
    winner_by: Winner | None
    winner_after: Span | None


CheckedStatement = CheckedNode | CheckedIf | CheckedSplit
Body = tuple[CheckedStatement, ...]


class CheckedExit(Record):
    """One `exit when`."""

    node: tree.Exit
    checks: tuple[ExitCheck, ...]
    body: Body


class CheckedGoal(Record):
    """One `goal`."""

    node: tree.Goal
    condition: Condition
    body: Body


class CheckedFlow(Record):
    """One flow without a mistake."""

    node: tree.Flow
    source: Source
    kind: Kind
    record: str  # what the file says: contact, account, deal
    subject: str  # what is enrolled
    owner: str | None
    zone: str
    schedule: SchedulePlan | None
    audience: AudiencePlan | None
    triggers: tuple[Trigger, ...]
    again_after: Span | None
    goals: tuple[CheckedGoal, ...]
    exits: tuple[CheckedExit, ...]
    manners: Manners
    working: CalendarPlan | None
    body: Body
    moved: tuple[tuple[str, str], ...]
    steps: tuple[StepInfo, ...]  # in file order

    @property
    def name(self) -> str:
        """The flow's name."""
        return self.node.name.value
