"""Every form of a condition, with the tree that it means."""

from __future__ import annotations

from typing import Any

import pytest

from seqlang.syntax import tree
from tests.syntax.reading import condition


def path(*names: str) -> tree.Path:
    return tree.Path(tuple(map(tree.Name, names)))


def text(value: str) -> tree.Text:
    return tree.Text(value)


def number(value: float) -> tree.Number:
    return tree.Number(value)


def days(count: int) -> tree.Duration:
    return tree.Duration(count, "day")


A, B, C = tree.Holds(path("a")), tree.Holds(path("b")), tree.Holds(path("c"))
PAGE = tree.Happened(text("page"))

FORMS: tuple[tuple[str, Any], ...] = (
    ("a", A),
    ("not a", tree.Not(A)),
    ("not not a", tree.Not(tree.Not(A))),
    ("a and b or c", tree.Or((tree.And((A, B)), C))),
    ("a or b and c", tree.Or((A, tree.And((B, C))))),
    ("a and b and c", tree.And((A, B, C))),
    ("not a and b", tree.And((tree.Not(A), B))),
    ("not (a and b)", tree.Not(tree.Group(tree.And((A, B))))),
    ("(a or b) and c", tree.And((tree.Group(tree.Or((A, B))), C))),
    ('x = "Lead"', tree.Compare(path("x"), "=", text("Lead"))),
    ("x != yes", tree.Compare(path("x"), "!=", tree.Truth(value=True))),
    ("x < -2.5", tree.Compare(path("x"), "<", number(-2.5))),
    ("x <= 10_000", tree.Compare(path("x"), "<=", number(10_000))),
    ("x > y", tree.Compare(path("x"), ">", path("y"))),
    ("x >= 2026-03-02", tree.Compare(path("x"), ">=", tree.Date("2026-03-02"))),
    ("x = today", tree.Compare(path("x"), "=", tree.Today())),
    ("account.owner.manager.email = 3 days", tree.Compare(path("account", "owner", "manager", "email"), "=", days(3))),
    ("`Lead Source` = 09:30", tree.Compare(path("Lead Source"), "=", tree.TimeOfDay("09:30"))),
    (
        'x = choose { "a" when b; "c" otherwise }',
        tree.Compare(path("x"), "=", tree.Choose((tree.ChooseCase(text("a"), B), tree.ChooseCase(text("c"), None)))),
    ),
    ('x in ["a", 3]', tree.OneOf(path("x"), tree.ListOf((text("a"), number(3))), negated=False)),
    ("x not in levels", tree.OneOf(path("x"), path("levels"), negated=True)),
    ("x in []", tree.OneOf(path("x"), tree.ListOf(()), negated=False)),
    ('x contains "y"', tree.Matches(path("x"), "contains", text("y"))),
    ('x starts with "y"', tree.Matches(path("x"), "starts with", text("y"))),
    ('x ends with "y"', tree.Matches(path("x"), "ends with", text("y"))),
    ("x in the last 3 days", tree.WithinOf(path("x"), tree.Within(days(3), -1))),
    ("x in the next 1 week", tree.WithinOf(path("x"), tree.Within(tree.Duration(1, "week"), 1))),
    ("x before y", tree.Relative(path("x"), "before", path("y"))),
    ("x after now", tree.Relative(path("x"), "after", tree.Now())),
    ("x before 3 days from today", tree.Relative(path("x"), "before", tree.Shifted(days(3), 1, tree.Today()))),
    ("x after 3 days before y.z", tree.Relative(path("x"), "after", tree.Shifted(days(3), -1, path("y", "z")))),
    ("x between 3 and 5 and a", tree.And((tree.Between(path("x"), number(3), number(5)), A))),
    ("x between today and 2026-03-02", tree.Between(path("x"), tree.Today(), tree.Date("2026-03-02"))),
    ("x is empty", tree.IsEmpty(path("x"), negated=False)),
    ("x.y is not empty", tree.IsEmpty(path("x", "y"), negated=True)),
    ("deal with (a and b)", tree.With(tree.Name("deal"), tree.And((A, B)))),
    ("deal with x = 3", tree.With(tree.Name("deal"), tree.Compare(path("x"), "=", number(3)))),
    ("count(deal) >= 2", tree.Count(tree.Name("deal"), ">=", number(2))),
    ("count(deal with (a)) = n", tree.Count(tree.With(tree.Name("deal"), A), "=", path("n"))),
    ('count(event "page") > 2', tree.Count(PAGE, ">", number(2))),
    (
        'count(event "page" with x = 1) in the last 7 days >= 3',
        tree.Count(
            tree.Happened(text("page"), tree.Compare(path("x"), "=", number(1))), ">=", number(3), tree.Within(days(7), -1)
        ),
    ),
    (
        'count(event "page") since entry in the last 7 days >= 3',
        tree.Count(PAGE, ">=", number(3), tree.Within(days(7), -1), since_entry=True),
    ),
    ('event "page"', PAGE),
    ('event "page" since entry', tree.Happened(text("page"), since_entry=True)),
    (
        'event "page" in the last 3 days since entry',
        tree.Happened(text("page"), None, tree.Within(days(3), -1), since_entry=True),
    ),
    ('event "page" with (a or b) since entry', tree.Happened(text("page"), tree.Or((A, B)), None, since_entry=True)),
    ('event "page" with a since entry', tree.Happened(text("page"), A, None, since_entry=True)),
    ('event "page" with a and b', tree.And((tree.Happened(text("page"), A), B))),
    (
        'event "page" with x contains "y" in the last 3 days',
        tree.Happened(text("page"), tree.Matches(path("x"), "contains", text("y")), tree.Within(days(3), -1)),
    ),
    *((word, tree.StepFact(word)) for word in ("replied", "opened", "clicked", "bounced", "sent")),
    *(
        (f"{word}(s)", tree.StepFact(word, tree.Name("s")))
        for word in ("replied", "opened", "clicked", "bounced", "sent", "done", "overdue")
    ),
    ('clicked(s, "https://x")', tree.StepFact("clicked", tree.Name("s"), text("https://x"))),
    ("opened(s) in the last 2 days", tree.StepFact("opened", tree.Name("s"), None, tree.Within(days(2), -1))),
    ("opened since entry", tree.StepFact("opened", since_entry=True)),
    ('outcome(s) = "x"', tree.Outcome(tree.Name("s"), "=", text("x"))),
    ('outcome(s) != "x"', tree.Outcome(tree.Name("s"), "!=", text("x"))),
    ('outcome(s) in ["x"]', tree.Outcome(tree.Name("s"), "in", tree.ListOf((text("x"),)))),
    ("outcome(s) not in xs", tree.Outcome(tree.Name("s"), "not in", path("xs"))),
    ("unsubscribed", tree.Unsubscribed()),
    ("finished", tree.Finished()),
    ("account replied", tree.AccountReplied()),
    ('in view "v"', tree.InView(text("v"))),
    ('in list "l"', tree.InList(text("l"))),
    ('tagged "t"', tree.Tagged(text("t"))),
    ('in sequence "q"', tree.InSequence(text("q"), was=False)),
    ('was in sequence "q"', tree.InSequence(text("q"), was=True)),
)


@pytest.mark.parametrize(("written", "meant"), FORMS, ids=[written for written, _ in FORMS])
def test_a_condition_reads_as_what_it_means(written: str, meant: object) -> None:
    assert condition(written) == meant


def test_spans_cover_what_was_read() -> None:
    found = condition('  a and deal with (x = "y")  ')
    assert (found.span.start, found.span.end) == (2, 27)
    assert (found.items[1].span.start, found.items[1].span.end) == (8, 27)
    assert (found.items[1].where.left.span.start, found.items[1].where.right.span.end) == (19, 26)


def test_a_condition_alone_may_stand_on_several_lines() -> None:
    assert condition("a\nand\nb") == tree.And((A, B))


@pytest.mark.parametrize("nested", ["(" * 50 + "a" + ")" * 50, "not " * 50 + "a", "not (a and " * 50 + "b" + ")" * 50])
def test_fifty_levels_are_read(nested: str) -> None:
    condition(nested)
