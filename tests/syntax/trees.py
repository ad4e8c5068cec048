"""Strategies that make syntax trees: every node of the language, with names that are words of the language too."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from hypothesis import strategies as st

from seqlang.syntax import tree
from seqlang.syntax.table import load

WORDS = sorted(load().words)
Strategy = st.SearchStrategy[Any]

_SURROGATES: tuple[Literal["Cs"], ...] = ("Cs",)
_plain = st.one_of(
    st.sampled_from(["hello", "lead_score", "x", "größe", "名前", "deal", "account", "contact", "owner"]), st.sampled_from(WORDS)
)
_odd = st.text(st.characters(exclude_characters="`\n\r", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
names = st.builds(tree.Name, st.one_of(_plain, _plain, _odd))
_chars = st.characters(exclude_categories=_SURROGATES, exclude_characters="\x00")
texts = st.one_of(
    st.builds(
        tree.Text,
        st.one_of(st.sampled_from(["", "DE", "Fresh leads", 'say "hi"', "C:\\x", "{{ a }}"]), st.text(_chars, max_size=12)),
    ),
    st.builds(tree.Text, st.text(st.sampled_from('ab "\\\n\t {#'), max_size=16), st.just(value=True)),
)
numbers = st.builds(
    tree.Number,
    st.one_of(
        st.integers(-(10**17), 10**17),
        st.integers(-99, 999),
        st.decimals(-1000, 1000, places=3, allow_nan=False, allow_infinity=False).map(float),
    ),
)
counts = st.builds(tree.Number, st.integers(0, 500))
durations = st.builds(
    tree.Duration, st.one_of(st.integers(0, 90), st.just(1)), st.sampled_from(["minute", "hour", "day", "week", "working day"])
)
dates = st.dates().map(lambda day: tree.Date(day.isoformat()))
times = st.times().map(lambda time: tree.TimeOfDay(f"{time:%H:%M}"))
instants = st.tuples(st.datetimes(), st.sampled_from(["", "Z", "+01:00", "-09:30"])).map(
    lambda pair: tree.Instant(f"{pair[0].isoformat()[:16]}{pair[1]}")
)
paths = st.lists(names, min_size=1, max_size=3).map(lambda found: tree.Path(tuple(found)))


def _made_later(name: str) -> Strategy:
    """Return a strategy that stands further down."""
    return st.deferred(lambda: globals()[name]())  # noqa: PLW0108


_later_conditions = _made_later("conditions")
_later_operands = _made_later("operands")


def tuples(items: Strategy, low: int = 0, high: int = 3) -> Strategy:
    """Return tuples of some nodes."""
    return st.lists(items, min_size=low, max_size=high).map(tuple)


def _shifted(origin: Strategy) -> Strategy:
    return st.builds(tree.Shifted, durations, st.sampled_from([1, -1]), origin)


fixed_moments = st.one_of(dates, instants, paths)
moments = st.recursive(st.one_of(fixed_moments, st.builds(tree.Today), st.builds(tree.Now)), _shifted, max_leaves=3)
truths = st.builds(tree.Truth, st.booleans())
literals = st.one_of(texts, numbers, truths, durations, dates, times, instants)


def _is_plain(value: Any) -> bool:
    return not isinstance(value, tree.Today | tree.Now)


@st.composite
def _options(draw: Any, values: Strategy) -> tuple[tree.Option, ...]:
    return tuple(draw(st.lists(st.builds(tree.Option, names, values.filter(_is_plain)), max_size=4)))


@cache
def values() -> Strategy:
    """Values as options have them: objects too."""
    return st.deferred(lambda: st.one_of(operands(), st.builds(tree.ObjectOf, _options(st.one_of(literals, paths)))))


@cache
def operands() -> Strategy:
    """Values as comparisons and statements have them."""
    lists = st.builds(tree.ListOf, tuples(st.one_of(literals, paths)))
    cases = st.builds(tree.ChooseCase, st.one_of(literals, paths), st.one_of(st.none(), _later_conditions))
    return st.one_of(literals, literals, paths, moments, lists, st.builds(tree.Choose, tuples(cases)))


def options() -> Strategy:
    """Options of a step."""
    return _options(values())


_lists = st.builds(tree.ListOf, tuples(st.one_of(texts, numbers, paths)))
_comparison = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_within = st.builds(tree.Within, durations, st.sampled_from([1, -1]))
_maybe_within = st.one_of(st.none(), _within)


@st.composite
def _facts(draw: Any) -> tree.StepFact:
    fact = draw(st.sampled_from(["replied", "opened", "clicked", "bounced", "sent", "done", "overdue"]))
    step = draw(names if fact in {"done", "overdue"} else st.one_of(st.none(), names))
    url = draw(st.one_of(st.none(), texts)) if fact == "clicked" and step is not None else None
    return tree.StepFact(fact, step, url, draw(_maybe_within), draw(st.booleans()))


def _choices(of: Strategy) -> Strategy:
    return st.builds(tree.Choose, tuples(st.builds(tree.ChooseCase, of, st.one_of(st.none(), _later_conditions))))


def _comparisons() -> Strategy:
    simple = st.one_of(literals, paths, moments)
    return st.one_of(
        st.builds(tree.Compare, paths, _comparison, _later_operands),
        st.builds(tree.OneOf, paths, st.one_of(_lists, paths, _choices(_lists)), st.booleans()),
        st.builds(tree.Matches, paths, st.sampled_from(["contains", "starts with", "ends with"]), simple),
        st.builds(tree.WithinOf, paths, _within),
        st.builds(tree.Relative, paths, st.sampled_from(["before", "after"]), st.one_of(moments, _choices(moments))),
        st.builds(tree.Between, paths, simple, simple),
        st.builds(tree.IsEmpty, paths, st.booleans()),
        st.builds(tree.Holds, paths),
    )


@st.composite
def _outcomes(draw: Any) -> tree.Outcome:
    op = draw(st.sampled_from(["=", "!=", "in", "not in"]))
    return tree.Outcome(draw(names), op, draw(st.one_of(_lists, paths) if "in" in op else st.one_of(texts, paths)))


def _happened(inside: Strategy) -> Strategy:
    return st.builds(tree.Happened, texts, st.one_of(st.none(), inside), _maybe_within, st.booleans())


def _leaves() -> Strategy:
    return st.one_of(
        _comparisons(),
        _facts(),
        _outcomes(),
        st.builds(tree.Unsubscribed),
        st.builds(tree.Finished),
        st.builds(tree.AccountReplied),
        st.builds(tree.InView, texts),
        st.builds(tree.InList, texts),
        st.builds(tree.Tagged, texts),
        st.builds(tree.InSequence, texts, st.booleans()),
        st.builds(tree.Happened, texts, st.none(), _maybe_within, st.booleans()),
    )


def _larger(inside: Strategy) -> Strategy:
    no_or = inside.filter(lambda one: not isinstance(one, tree.Or))
    unary = inside.filter(lambda one: not isinstance(one, tree.Or | tree.And))
    with_ = st.builds(tree.With, names, inside)
    return st.one_of(
        tuples(no_or, 2, 4).map(tree.Or),
        tuples(unary, 2, 4).map(tree.And),
        unary.map(tree.Not),
        inside.map(tree.Group),
        with_,
        _happened(inside),
        st.builds(
            tree.Count,
            st.one_of(_happened(inside), with_, names),
            _comparison,
            st.one_of(counts, paths),
            _maybe_within,
            st.booleans(),
        ),
    )


@cache
def conditions() -> Strategy:
    """Conditions, nested a few levels."""
    return st.recursive(_leaves(), _larger, max_leaves=5)


# ------------------------------------------------------------------------------------------- statements

_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
openings = st.builds(
    tree.Opening,
    st.lists(st.tuples(st.sampled_from(_days), st.sampled_from(_days)), min_size=1, max_size=3).map(tuple),
    times,
    times,
)
_timings = st.one_of(
    st.builds(tree.OnDay, counts),
    st.builds(tree.After, durations),
    st.builds(tree.Around, durations, st.sampled_from([1, -1]), fixed_moments),
    st.builds(tree.OnMoment, fixed_moments),
)


def steps() -> Strategy:
    """Steps with any name, channel, time, condition and options."""
    return st.builds(tree.Step, names, names, st.one_of(st.none(), _timings), st.one_of(st.none(), conditions()), options())


@st.composite
def _waits(draw: Any) -> tree.WaitUntil:
    by_condition = draw(st.booleans())
    condition = draw(conditions()) if by_condition else None
    moment = None if by_condition else draw(st.one_of(dates, instants, _shifted(fixed_moments)))
    zone = None if by_condition else draw(st.one_of(st.none(), texts))
    end = draw(st.sampled_from(["", "most", "latest"]))
    at_most = draw(durations) if end == "most" else None
    at_latest = draw(moments) if end == "latest" else None
    latest_zone = draw(st.one_of(st.none(), texts)) if end == "latest" else None
    return tree.WaitUntil(condition, moment, zone, at_most, at_latest, latest_zone)


def _plain_statements() -> Strategy:
    flows = st.one_of(texts, paths)
    return st.one_of(
        steps(),
        st.builds(tree.Set, paths, operands()),
        st.builds(tree.Add, paths, st.one_of(numbers, paths)),
        st.builds(tree.Assign, flows, st.just(value=False)),
        st.builds(tree.Assign, st.one_of(_lists, paths), st.just(value=True)),
        st.builds(tree.Tag, operands(), st.booleans()),
        st.builds(tree.ListChange, flows, st.booleans()),
        st.builds(tree.Enrol, st.sampled_from(["enroll", "remove", "move"]), flows),
        st.builds(tree.ExitNow),
        st.builds(tree.Wait, durations),
        _waits(),
    )


def _larger_statements(inside: Strategy) -> Strategy:
    branches = st.builds(tree.Branch, conditions(), tuples(inside, 0, 2))
    sides = st.one_of(
        st.builds(tree.Side, counts, texts, tuples(inside, 0, 2)), st.builds(tree.Side, counts, st.none(), st.just(()))
    )
    plain = st.builds(tree.Split, texts, st.none(), st.none(), tuples(sides))
    return st.one_of(
        st.builds(tree.If, tuples(branches, 1, 3), st.one_of(st.none(), tuples(inside, 0, 2))),
        plain,
        st.builds(tree.Split, texts, names, durations, tuples(sides)),
    )


@cache
def statements() -> Strategy:
    """Steps and statements, nested a few levels."""
    return st.recursive(_plain_statements(), _larger_statements, max_leaves=3)


_triggers = st.one_of(
    st.builds(tree.Trigger, st.sampled_from(["created", "updated", "overdue"]), when=st.one_of(st.none(), _later_conditions)),
    st.builds(tree.Trigger, st.just("change"), tuples(paths, 1, 3), st.one_of(st.none(), literals)),
    st.builds(tree.Trigger, st.just("event"), event=st.deferred(lambda: _happened(_comparisons()))),
    st.builds(tree.Trigger, st.sampled_from(["entered", "exited", "outcome"]), text=texts),
)
_maybe_text = st.one_of(st.none(), texts)
_run_times = st.one_of(
    st.builds(tree.Daily, times), st.builds(tree.Every, durations, st.one_of(st.none(), times)), st.builds(tree.Cron, texts)
)
_audience = st.one_of(
    st.builds(tree.AudienceView, texts), st.builds(tree.Where, _later_conditions), st.builds(tree.UniqueBy, paths)
)
_window = st.one_of(
    st.builds(tree.Window, tuples(openings, 1, 2), st.none(), st.booleans(), _maybe_text),
    st.builds(tree.Window, st.just(()), texts, st.just(value=False), st.none()),
)


@cache
def settings() -> Strategy:
    """Settings of flows."""
    body = st.deferred(lambda: tuples(statements(), 0, 2))
    return st.one_of(
        st.builds(tree.Owner, st.one_of(texts, paths)),
        st.builds(tree.Run, _run_times, _maybe_text, st.booleans(), st.none()),
        st.builds(tree.Run, _run_times, _maybe_text, st.just(value=False), texts),
        st.builds(tree.Audience, tuples(_audience)),
        st.builds(tree.EnterOnEvent, _happened(_comparisons())),
        st.builds(tree.EnterWhen, conditions()),
        st.builds(tree.EnterAt, fixed_moments, _maybe_text, texts),
        st.builds(tree.EnterAgain, durations),
        _triggers,
        _window,
        st.builds(tree.Goal, texts, conditions(), body),
        st.builds(tree.Exit, tuples(conditions(), 1, 3), body),
        st.builds(tree.Admit, counts, st.sampled_from(["day", "week"])),
        st.builds(tree.Exclusive),
        st.builds(tree.OverLimit, names),
        st.builds(tree.AtMost, counts, st.sampled_from(["day", "week"])),
        st.builds(tree.SkipLate, durations),
        st.builds(tree.Undeliverable, names),
        st.builds(tree.Moved, names, names),
    )


# ----------------------------------------------------------------------------------------- declarations

_types = st.one_of(
    st.builds(tree.TypeOf, names.filter(lambda name: name.text not in {"choice", "link"})),
    st.builds(tree.TypeOf, st.just(tree.Name("choice")), tuples(texts)),
    st.builds(tree.TypeOf, st.just(tree.Name("link")), st.none(), names),
)
_fields = st.builds(tree.Field, names, _types, st.one_of(st.none(), literals))
_properties = st.builds(tree.Field, names, _types)


@cache
def flows() -> Strategy:
    """Flows of all six kinds."""
    kinds = st.sampled_from(["classic", "smart", "outbound", "cadence", "workflow", "journey"])
    return st.builds(tree.Flow, kinds, texts, st.one_of(st.none(), names), tuples(st.one_of(settings(), statements()), 0, 4))


@st.composite
def _events(draw: Any) -> Any:
    who, step, text = draw(names), draw(names), draw(texts)
    flag, until = draw(st.booleans()), draw(st.one_of(st.none(), dates))
    Made = tree.TestEvent  # noqa: N806
    return draw(
        st.sampled_from(
            [
                Made(who, "replied", step, flag="out of office" if flag else None, until=until if flag else None),
                Made(who, "opened", step, flag="machine" if flag else None),
                Made(who, "clicked", step, draw(_maybe_text), flag="machine" if flag else None),
                Made(who, "bounced", step, flag="soft" if flag else None),
                Made(who, "unsubscribed"),
                Made(who, "reported", step, text),
                Made(who, "released", step),
                Made(who, "did", text=text, properties=draw(_options(literals))),
                Made(who, "set", field=draw(paths), value=draw(operands())),
                Made(who, "enrolled"),
                Made(who, "is in list", text=text),
                Made(who, "takes", text=text, split=draw(texts)),
            ]
        )
    )


@st.composite
def _expectations(draw: Any) -> Any:
    who, step, text = draw(names), draw(names), draw(texts)
    Made = tree.TestExpect  # noqa: N806
    return draw(
        st.sampled_from(
            [
                Made("to", who, step),
                Made("nothing", who),
                Made("skipped", who, step),
                Made("in", who),
                Made("not in", who),
                Made("exited", who, reason=draw(st.one_of(names, texts))),
                Made("on side", who, side=text, split=draw(texts)),
                Made("where", who, where=draw(conditions())),
            ]
        )
    )


_whens = st.one_of(st.none(), st.builds(tree.OnDay, counts), st.builds(tree.After, durations), instants, dates)
_test_items = st.one_of(
    st.builds(tree.TestFlow, st.sampled_from(["sequence", "cadence", "workflow", "journey"]), texts),
    st.builds(tree.TestStart, st.one_of(instants, dates)),
    st.builds(tree.TestRecord, names, names, _options(literals)),
    st.builds(tree.TestLine, _whens, st.one_of(_events(), _expectations())),
)
_calendar_items = st.one_of(
    st.builds(tree.CalendarTimezone, texts),
    st.builds(tree.CalendarOpen, tuples(openings, 1, 3)),
    st.builds(tree.CalendarHolidays, _lists),
    st.builds(
        tree.CalendarClosed, tuples(st.one_of(st.builds(tree.Closed, dates, dates), dates.map(lambda d: tree.Closed(d, d))), 1, 3)
    ),
)


@cache
def modules() -> Strategy:
    """Whole files."""
    declarations = st.one_of(
        st.builds(tree.Let, names, operands()),
        st.builds(tree.Record, names, tuples(_fields)),
        st.builds(tree.ListOfRecords, texts, names),
        st.builds(tree.Event, texts, tuples(_properties)),
        st.builds(tree.View, texts, names, conditions()),
        st.builds(tree.Calendar, texts, tuples(_calendar_items)),
        flows(),
        st.builds(tree.Test, texts, tuples(_test_items, 0, 5)),
    )
    return tuples(declarations, 0, 3).map(tree.Module)
