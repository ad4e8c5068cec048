"""Sets of values that a field may have: intervals of numbers, finite sets of texts and what is left of them."""

from __future__ import annotations

from math import inf

from seqlang.frozen import Record

Interval = tuple[float, bool, float, bool]  # low, whether low itself, high, whether high itself

WHOLE_LINE: tuple[Interval, ...] = ((-inf, False, inf, False),)


class Numbers(Record):
    """A union of intervals."""

    parts: tuple[Interval, ...] = WHOLE_LINE

    @property
    def void(self) -> bool:
        """Whether no number is in it."""
        return not self.parts

    def meet(self, other: Numbers) -> Numbers:
        """Return what is in both."""
        return Numbers(tuple([m for a in self.parts for b in other.parts if (m := _meet(a, b)) is not None]))

    def meets(self, other: Numbers) -> bool:
        """Return whether some number is in both."""
        return any(_meet(a, b) is not None for a in self.parts for b in other.parts)

    def rest(self) -> Numbers:
        """Return what is not in it."""
        found = Numbers()
        for low, low_in, high, high_in in self.parts:
            sides: list[Interval] = []
            if low > -inf:
                sides.append((-inf, False, low, not low_in))
            if high < inf:
                sides.append((high, not high_in, inf, False))
            found = found.meet(Numbers(tuple(sides)))
        return found


def _meet(a: Interval, b: Interval) -> Interval | None:
    low, low_in = (a[0], a[1]) if a[0] > b[0] else (b[0], b[1]) if b[0] > a[0] else (a[0], a[1] and b[1])
    high, high_in = (a[2], a[3]) if a[2] < b[2] else (b[2], b[3]) if b[2] < a[2] else (a[2], a[3] and b[3])
    if low > high or (low == high and not (low_in and high_in)):
        return None
    return low, low_in, high, high_in


def compared(op: str, value: float) -> Numbers:
    """Return the numbers x for which `x OP value`."""
    match op:
        case "=":
            return Numbers(((value, True, value, True),))
        case "!=":
            return Numbers(((value, True, value, True),)).rest()
        case "<" | "<=":
            return Numbers(((-inf, False, value, op == "<="),))
        case _:
            return Numbers(((value, op == ">=", inf, False),))


class Texts(Record):
    """Some texts (or truths), or all but some."""

    items: frozenset[str | bool]
    others: bool = False  # every text but these

    @property
    def void(self) -> bool:
        """Whether no text is in it."""
        return not self.items and not self.others

    def meet(self, other: Texts) -> Texts:
        """Return what is in both."""
        if self.others and other.others:
            return Texts(self.items | other.items, others=True)
        if self.others:
            return Texts(other.items - self.items)
        return Texts(self.items - other.items if other.others else self.items & other.items)

    def meets(self, other: Texts) -> bool:
        """Return whether some text is in both."""
        if self.others:
            return other.others or not other.items <= self.items
        return not (self.items <= other.items if other.others else self.items.isdisjoint(other.items))

    def rest(self) -> Texts:
        """Return what is not in it."""
        return Texts(self.items, not self.others)


Domain = Numbers | Texts
