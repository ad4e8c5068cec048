"""Settings, statements, declarations and lines of tests, with the trees that they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.diagnostics.source import Source, Span
from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.syntax.parse import parse
from seqlang.syntax.printer import format_source, print_module
from tests.syntax.reading import item, line_of_test, read_well, value

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.seq"))


def name(text: str) -> tree.Name:
    return tree.Name(text)


def path(*names: str) -> tree.Path:
    return tree.Path(tuple(map(tree.Name, names)))


def text(value: str) -> tree.Text:
    return tree.Text(value)


def number(value: float) -> tree.Number:
    return tree.Number(value)


DAYS_3 = tree.Duration(3, "day")
A = tree.Holds(path("a"))
EXIT = tree.ExitNow()
NINE, FIVE = tree.TimeOfDay("09:00"), tree.TimeOfDay("17:00")
WEEK = tree.Opening((("mon", "fri"),), NINE, FIVE)

ITEMS: tuple[tuple[str, Node], ...] = (
    ('owner "x"', tree.Owner(text("x"))),
    ('run daily at 09:00 in "UTC" except weekends', tree.Run(tree.Daily(NINE), text("UTC"), except_weekends=True, calendar=None)),
    ("run daily at 09:00", tree.Run(tree.Daily(NINE), None, except_weekends=False, calendar=None)),
    (
        'run every 4 hours from 09:00 in "UTC" on calendar "c"',
        tree.Run(tree.Every(tree.Duration(4, "hour"), NINE), text("UTC"), except_weekends=False, calendar=text("c")),
    ),
    (
        'run every 2 weeks in "UTC"',
        tree.Run(tree.Every(tree.Duration(2, "week"), None), text("UTC"), except_weekends=False, calendar=None),
    ),
    ('run cron "0 9 * * *"', tree.Run(tree.Cron(text("0 9 * * *")), None, except_weekends=False, calendar=None)),
    (
        'audience { view "v"; where a; unique by b.c }',
        tree.Audience((tree.AudienceView(text("v")), tree.Where(A), tree.UniqueBy(path("b", "c")))),
    ),
    ('enter on event "e" with a since entry', tree.EnterOnEvent(tree.Happened(text("e"), A, None, since_entry=True))),
    ("enter when a", tree.EnterWhen(A)),
    ('enter on 2026-12-01T10:00 in "UTC" for view "v"', tree.EnterAt(tree.Instant("2026-12-01T10:00"), text("UTC"), text("v"))),
    ('enter on webinar for view "v"', tree.EnterAt(path("webinar"), None, text("v"))),
    ("enter again after 3 days", tree.EnterAgain(DAYS_3)),
    ("on created", tree.Trigger("created")),
    ("on updated when a", tree.Trigger("updated", when=A)),
    ("on overdue", tree.Trigger("overdue")),
    ('on change of a, b.c to "x" when a', tree.Trigger("change", (path("a"), path("b", "c")), text("x"), when=A)),
    ("on change of a", tree.Trigger("change", (path("a"),))),
    ('on event "e" when a', tree.Trigger("event", event=tree.Happened(text("e")), when=A)),
    ('on entered "f"', tree.Trigger("entered", text=text("f"))),
    ('on exited "f"', tree.Trigger("exited", text=text("f"))),
    ('on outcome "o"', tree.Trigger("outcome", text=text("o"))),
    ("window mon-fri 09:00-17:00", tree.Window((WEEK,), None, contact_timezone=False, zone=None)),
    (
        'window mon-fri 09:00-17:00, sat, sun 09:00-17:00 in "UTC"',
        tree.Window(
            (WEEK, tree.Opening((("sat", "sat"), ("sun", "sun")), NINE, FIVE)), None, contact_timezone=False, zone=text("UTC")
        ),
    ),
    ("window mon-fri 09:00-17:00 in contact timezone", tree.Window((WEEK,), None, contact_timezone=True, zone=None)),
    (
        'window mon-fri 09:00-17:00 in contact timezone else "UTC"',
        tree.Window((WEEK,), None, contact_timezone=True, zone=text("UTC")),
    ),
    ('window calendar "c"', tree.Window((), text("c"), contact_timezone=False, zone=None)),
    ('goal "g" when a', tree.Goal(text("g"), A, ())),
    ('goal "g" when a { exit }', tree.Goal(text("g"), A, (EXIT,))),
    ("exit when finished, a { exit; exit }", tree.Exit((tree.Finished(), A), (EXIT, EXIT))),
    ("admit at most 50 a week", tree.Admit(number(50), "week")),
    ("exclusive", tree.Exclusive()),
    ("over limit defer", tree.OverLimit(name("defer"))),
    ("at most 2 messages a day", tree.AtMost(number(2), "day")),
    ("at most 1 message a day", tree.AtMost(number(1), "day")),
    ("skip when more than 3 days late", tree.SkipLate(DAYS_3)),
    ("undeliverable skip", tree.Undeliverable(name("skip"))),
    ("moved a to b", tree.Moved(name("a"), name("b"))),
    ("step a: b", tree.Step(name("a"), name("b"), None, None, ())),
    ("step a: b on day 3 { }", tree.Step(name("a"), name("b"), tree.OnDay(number(3)), None, ())),
    ("step a: b after 3 days when a {}", tree.Step(name("a"), name("b"), tree.After(DAYS_3), A, ())),
    ("step a: b 3 days after c", tree.Step(name("a"), name("b"), tree.Around(DAYS_3, 1, path("c")), None, ())),
    ("step a: b 3 days before c.d", tree.Step(name("a"), name("b"), tree.Around(DAYS_3, -1, path("c", "d")), None, ())),
    ("step a: b on c", tree.Step(name("a"), name("b"), tree.OnMoment(path("c")), None, ())),
    ("step a: b on day", tree.Step(name("a"), name("b"), tree.OnMoment(path("day")), None, ())),
    ("step a: b on 2026-03-02", tree.Step(name("a"), name("b"), tree.OnMoment(tree.Date("2026-03-02")), None, ())),
    ('set a.b = "x"', tree.Set(path("a", "b"), text("x"))),
    ("add a 3", tree.Add(path("a"), number(3))),
    ("add to 3", tree.Add(path("to"), number(3))),
    ("add to.a 3", tree.Add(path("to", "a"), number(3))),
    ('assign "x"', tree.Assign(text("x"), round_robin=False)),
    ('assign round robin ["x"]', tree.Assign(tree.ListOf((text("x"),)), round_robin=True)),
    ('tag "t"', tree.Tag(text("t"), remove=False)),
    ('untag "t"', tree.Tag(text("t"), remove=True)),
    ('tag choose { "x" when a }', tree.Tag(tree.Choose((tree.ChooseCase(text("x"), A),)), remove=False)),
    ('add to list "l"', tree.ListChange(text("l"), remove=False)),
    ('remove from list "l"', tree.ListChange(text("l"), remove=True)),
    ('enroll in "f"', tree.Enrol("enroll", text("f"))),
    ('remove from "f"', tree.Enrol("remove", text("f"))),
    ('move to "f"', tree.Enrol("move", text("f"))),
    ("exit", EXIT),
    ("wait 3 days", tree.Wait(DAYS_3)),
    ("wait 3 working days", tree.Wait(tree.Duration(3, "working day"))),
    ("wait until a", tree.WaitUntil(A)),
    ("wait until a for at most 3 days", tree.WaitUntil(A, at_most=DAYS_3)),
    (
        'wait until a at latest 2026-03-02 in "UTC"',
        tree.WaitUntil(A, at_latest=tree.Date("2026-03-02"), at_latest_zone=text("UTC")),
    ),
    ("wait until 2026-03-02", tree.WaitUntil(None, tree.Date("2026-03-02"))),
    ('wait until 2026-03-02T09:00 in "UTC"', tree.WaitUntil(None, tree.Instant("2026-03-02T09:00"), text("UTC"))),
    ("wait until 3 days before a.b", tree.WaitUntil(None, tree.Shifted(DAYS_3, -1, path("a", "b")))),
    ("wait until 3 days after a", tree.WaitUntil(None, tree.Shifted(DAYS_3, 1, path("a")))),
    ('wait until a in "UTC"', tree.WaitUntil(None, path("a"), text("UTC"))),
    ("if a { exit }", tree.If((tree.Branch(A, (EXIT,)),), None)),
    ("if a { } else if a { exit }\nelse { }", tree.If((tree.Branch(A, ()), tree.Branch(A, (EXIT,))), ())),
    (
        'split "s" { 60% "x" { exit }; 40% holdout }',
        tree.Split(text("s"), None, None, (tree.Side(number(60), text("x"), (EXIT,)), tree.Side(number(40), None, ()))),
    ),
    ('split "s" winner by clicked after 3 days { }', tree.Split(text("s"), name("clicked"), DAYS_3, ())),
)


@pytest.mark.parametrize(("written", "meant"), ITEMS, ids=[written for written, _ in ITEMS])
def test_a_setting_or_statement_reads_as_what_it_means(written: str, meant: Node) -> None:
    assert item(written) == meant


KIM = name("kim")
LINES: tuple[tuple[str, tree.TestEvent | tree.TestExpect], ...] = (
    ("kim replied to a", tree.TestEvent(KIM, "replied", name("a"))),
    ("kim replied to a out of office", tree.TestEvent(KIM, "replied", name("a"), flag="out of office")),
    (
        "kim replied to a out of office until 2026-03-02",
        tree.TestEvent(KIM, "replied", name("a"), flag="out of office", until=tree.Date("2026-03-02")),
    ),
    ("kim opened a", tree.TestEvent(KIM, "opened", name("a"))),
    ("kim opened a by machine", tree.TestEvent(KIM, "opened", name("a"), flag="machine")),
    ("kim clicked a", tree.TestEvent(KIM, "clicked", name("a"))),
    ('kim clicked a "u" by machine', tree.TestEvent(KIM, "clicked", name("a"), text("u"), flag="machine")),
    ("kim bounced on a soft", tree.TestEvent(KIM, "bounced", name("a"), flag="soft")),
    ("kim unsubscribed", tree.TestEvent(KIM, "unsubscribed")),
    ('kim reported "o" for a', tree.TestEvent(KIM, "reported", name("a"), text("o"))),
    ("kim released a", tree.TestEvent(KIM, "released", name("a"))),
    ('kim did event "e"', tree.TestEvent(KIM, "did", text=text("e"))),
    ('kim did event "e" { x: 1 }', tree.TestEvent(KIM, "did", text=text("e"), properties=(tree.Option(name("x"), number(1)),))),
    ("kim set a.b = 1", tree.TestEvent(KIM, "set", field=path("a", "b"), value=number(1))),
    ("kim enrolled", tree.TestEvent(KIM, "enrolled")),
    ('kim is in list "l"', tree.TestEvent(KIM, "is in list", text=text("l"))),
    ('kim takes "x" of "s"', tree.TestEvent(KIM, "takes", text=text("x"), split=text("s"))),
    ("expect a to kim", tree.TestExpect("to", KIM, name("a"))),
    ("expect nothing to kim", tree.TestExpect("nothing", KIM)),
    ("expect kim skipped a", tree.TestExpect("skipped", KIM, name("a"))),
    ("expect kim in", tree.TestExpect("in", KIM)),
    ("expect kim not in", tree.TestExpect("not in", KIM)),
    ("expect kim exited because replied", tree.TestExpect("exited", KIM, reason=name("replied"))),
    ('expect kim exited because "x y"', tree.TestExpect("exited", KIM, reason=text("x y"))),
    ('expect kim on "x" of "s"', tree.TestExpect("on side", KIM, side=text("x"), split=text("s"))),
    ("expect kim where a", tree.TestExpect("where", KIM, where=A)),
)


@pytest.mark.parametrize(("written", "meant"), LINES, ids=[written for written, _ in LINES])
@pytest.mark.parametrize(
    ("time", "when"),
    [
        ("", None),
        ("on day 2 ", tree.OnDay(number(2))),
        ("after 3 days ", tree.After(DAYS_3)),
        ("at 2026-03-02T09:00 ", tree.Instant("2026-03-02T09:00")),
        ("at 2026-03-02 ", tree.Date("2026-03-02")),
    ],
)
def test_a_line_of_a_test_reads_as_what_it_means(
    written: str, meant: tree.TestEvent | tree.TestExpect, time: str, when: tree.OnDay | None
) -> None:
    assert line_of_test(time + written) == tree.TestLine(when, meant)


VALUES: tuple[tuple[str, Node], ...] = (
    ('"a\\"b\\\\c\\n\\t\\u{1F600}"', text('a"b\\c\n\t\U0001f600')),
    ("10_000", number(10_000)),
    ("-2.5", number(-2.5)),
    ("yes", tree.Truth(value=True)),
    ("no", tree.Truth(value=False)),
    ("30 minutes", tree.Duration(30, "minute")),
    ("1 hour", tree.Duration(1, "hour")),
    ("2 days", tree.Duration(2, "day")),
    ("2 weeks", tree.Duration(2, "week")),
    ("1 working day", tree.Duration(1, "working day")),
    ("2026-03-02", tree.Date("2026-03-02")),
    ("09:30", tree.TimeOfDay("09:30")),
    ("2026-03-02T09:30+01:00", tree.Instant("2026-03-02T09:30+01:00")),
    ("2026-03-02T09:30Z", tree.Instant("2026-03-02T09:30Z")),
    ('["a", b, 3 days]', tree.ListOf((text("a"), path("b"), DAYS_3))),
    ("[\n1,\n2,\n]", tree.ListOf((number(1), number(2)))),
    ("owner", path("owner")),
    ("a.b", path("a", "b")),
    ("today", path("today")),
    ("now", path("now")),
    (
        "{ a: 1, b: { c: 2 } }",
        tree.ObjectOf(
            (tree.Option(name("a"), number(1)), tree.Option(name("b"), tree.ObjectOf((tree.Option(name("c"), number(2)),))))
        ),
    ),
    ('choose { "x" when a\n"y" otherwise }', tree.Choose((tree.ChooseCase(text("x"), A), tree.ChooseCase(text("y"), None)))),
    ('"""one"""', text("one")),
    ('"""\n      one\n        two\n\n      three\n    """', text("one\n  two\n\nthree")),
    ('"""one\n  two\n    three"""', text("one\ntwo\n  three")),
    ('"""\n  say "hi" and ""\\"\n  """', text('say "hi" and """')),
)


@pytest.mark.parametrize(("written", "meant"), VALUES, ids=[written for written, _ in VALUES])
def test_a_value_reads_as_what_it_means(written: str, meant: Node) -> None:
    assert value(written) == meant


def test_declarations_read_as_what_they_mean() -> None:
    module = read_well(
        'record contact { a choice ["x"] default "x", b link c }\nlist "l" of contact\nevent "e"\nevent "f" { u text }\n'
        'view "v" of contact where a\nlet x = 2026-03-02\nsmart sequence "s" for deal { }\n'
        'calendar "k" { timezone "UTC"; closed 2026-03-02 }'
    )
    assert module.declarations == (
        tree.Record(
            name("contact"),
            (
                tree.Field(name("a"), tree.TypeOf(name("choice"), (text("x"),)), text("x")),
                tree.Field(name("b"), tree.TypeOf(name("link"), None, name("c"))),
            ),
        ),
        tree.ListOfRecords(text("l"), name("contact")),
        tree.Event(text("e"), ()),
        tree.Event(text("f"), (tree.Field(name("u"), tree.TypeOf(name("text"))),)),
        tree.View(text("v"), name("contact"), A),
        tree.Let(name("x"), tree.Date("2026-03-02")),
        tree.Flow("smart", text("s"), name("deal"), ()),
        tree.Calendar(
            text("k"),
            (
                tree.CalendarTimezone(text("UTC")),
                tree.CalendarClosed((tree.Closed(tree.Date("2026-03-02"), tree.Date("2026-03-02")),)),
            ),
        ),
    )


def test_a_line_that_begins_with_a_joining_word_goes_on_with_the_one_before() -> None:
    assert item("step a: b\n  when a\n  # why\n  and a\n\n  or a { }").when == tree.Or((tree.And((A, A)), A))


def test_a_semicolon_ends_a_statement() -> None:
    assert item("if a { exit; exit; }").branches[0].body == (EXIT, EXIT)


def test_line_ends_mean_nothing_in_brackets() -> None:
    assert item("enter when (a\nor\na)").condition == tree.Group(tree.Or((A, A)))


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda p: p.stem)
def test_a_program_reads_without_mistakes_and_stays_as_it_is_when_it_is_laid_out(file: Path) -> None:
    written = file.read_text("utf-8")
    parsed = parse(Source(file.name, written))
    assert parsed.diagnostics == ()
    assert format_source(Source(file.name, written)).text == written


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda p: p.stem)
def test_a_program_that_is_printed_from_its_tree_means_the_same(file: Path) -> None:
    module = parse(Source(file.name, file.read_text("utf-8"))).module
    assert read_well(print_module(module)) == module


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda p: p.stem)
def test_spans_lie_inside_those_of_their_parents(file: Path) -> None:
    def check(node: Node, around: Span) -> None:
        assert around.start <= node.span.start < node.span.end <= around.end, node
        for key in type(node).__dataclass_fields__:
            inside = getattr(node, key)
            for one in inside if isinstance(inside, tuple) else (inside,):
                if isinstance(one, Node) and key not in {"comments", "broken"}:
                    check(one, node.span)

    source = Source(file.name, file.read_text("utf-8"))
    for declaration in parse(source).module.declarations:
        check(declaration, Span(0, len(source.text)))
