"""The nearest of some words to one that was mistyped."""

from __future__ import annotations

from collections.abc import Iterable


def distance(one: str, other: str) -> int:
    """Return how many letters were added, lost, exchanged or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the word that was likely meant; None where none is near: one slip in four letters."""
    lower = word.casefold()
    allowed = 0 if len(word) < 2 else 1 if len(word) < 5 else 2 if len(word) < 9 else 3
    best: tuple[int, str] | None = None
    for candidate in sorted(known):
        if abs(len(candidate) - len(word)) > allowed:
            continue
        apart = distance(lower, candidate.casefold())
        if apart <= allowed and apart < len(candidate) and (best is None or apart < best[0]):
            best = (apart, candidate)
    return best[1] if best else None
