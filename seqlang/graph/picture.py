"""A picture of flows before it is drawn: shapes with words in them, and lines between them; no places, no colours."""

from __future__ import annotations

from typing import Literal

from seqlang.frozen import Record

ShapeKind = Literal["entry", "message", "todo", "call_out", "wait", "branch", "split", "act", "flow", "exit", "goal", "end"]


class Shape(Record):
    """One shape."""

    key: str  # unique in the picture
    kind: ShapeKind
    title: str
    tag: str = ""  # a word beside the title: the channel, the kind of flow
    lines: tuple[str, ...] = ()  # what else is written in it
    count: str = ""  # of the database: "1,204 sent, 35% opened"


class Line(Record):
    """One line with an arrow, from a shape to another."""

    start: str
    end: str
    label: str = ""
    dashed: bool = False  # not a way that contacts go, but an influence


class Picture(Record):
    """Everything to be drawn; what no line joins stands apart."""

    title: str
    notes: tuple[str, ...]  # below the title: runs, window, pace
    shapes: tuple[Shape, ...]
    lines: tuple[Line, ...]


class StepCount(Record):
    """What the database knows of one step."""

    went_out: int
    skipped: int = 0
    waiting: int = 0  # planned, not yet with the channel
    opened: int = 0
    clicked: int = 0
    replied: int = 0
    done: int = 0  # to-dos reported


class FlowCount(Record):
    """What the database knows of one flow."""

    entered: int
    active: int
    exits: tuple[tuple[str, int], ...] = ()  # reason, how many
    goals: tuple[tuple[str, int], ...] = ()
    steps: tuple[tuple[str, StepCount], ...] = ()  # by the step's name
    sides: tuple[tuple[str, str, int], ...] = ()  # split, side, contacts

    def step(self, name: str) -> StepCount | None:
        """Return the counts of a step."""
        return next((count for key, count in self.steps if key == name), None)

    def side(self, split: str, side: str) -> int | None:
        """Return how many contacts are on a side."""
        return next((n for one, other, n in self.sides if (one, other) == (split, side)), None)
