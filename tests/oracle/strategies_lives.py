"""Made-up lives of projects: ticks with gaps of hours, days and weeks, late events, edits, flows stopped and archived."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.oracle.strategies import MAIL, START, Made, projects
from tests.oracle.strategies_free import FREE

GAPS = [120, 180, 180, 240, 300, 420, 600, 600, 1_440, 1_500, 4_000, 11_000]  # minutes between two ticks
FACT = r"\b(opened|clicked|replied|bounced|sent|done|overdue|outcome)\({}\b"
EDITABLE = ("classic", "smart", "outbound", "cadence", "journey", "firms", "accounts")
RUNS = ["daily at 09:00", "daily at 10:30", "daily at 16:00", "every 4 hours from 10:00", 'cron "0 9 * * 1,3,5"']


@st.composite
def lives(draw: st.DrawFn, *kinds: str, days: int = 12, settings: bool = True) -> Made:
    """Make a project, the rhythm of its ticks, how late events are, and up to two edits."""
    made = draw(projects(*kinds, days=days, settings=settings))
    rhythm = draw(rhythms(made, days))
    edits: list[tuple[str, str]] = []
    text = made.seq
    for day in sorted(draw(st.lists(st.integers(1, days - 2), max_size=2, unique=True))):
        at = START + timedelta(days=day, hours=draw(st.integers(0, 23)), minutes=draw(st.sampled_from([0, 7, 30, 55])))
        text = draw(edited(text, kinds))
        if f"{at.isoformat(timespec='minutes')}+00:00" > made.since:
            edits.append((f"{at.isoformat(timespec='minutes')}Z", text))
    by_hand = draw(deeds(len(kinds), days, datetime.fromisoformat(made.since)))
    return replace(made, ticks=rhythm, lag=draw(st.sampled_from([0, 0, 0, 2, 30])), edits=tuple(edits), deeds=by_hand)


@st.composite
def deeds(draw: st.DrawFn, flows: int, days: int, since: datetime) -> str:
    """Let flows be stopped, started again and archived; some of it is refused."""
    if draw(st.booleans()):
        return ""
    first = int((since - START.replace(tzinfo=UTC)) / timedelta(minutes=30)) + 1  # all flows are active then
    minutes = st.integers(first, (days - 1) * 48).map(lambda n: n * 30)
    lines: list[str] = []
    for at in sorted(draw(st.lists(minutes, min_size=1, max_size=4, unique=True))):
        what, flow = draw(st.sampled_from(["stop", "start"] * 4 + ["archive"])), draw(st.sampled_from("FGHI"[:flows]))
        lines.append(f"{(START + timedelta(minutes=at)).isoformat(timespec='minutes')}Z {what} {flow}\n")
    return "".join(lines)


@st.composite
def rhythms(draw: st.DrawFn, made: Made, days: int) -> str:
    """Make up to three spans of time, each with ticks at its own distance."""
    at = datetime.fromisoformat(made.since)
    lines = [f"{made.since} {draw(st.sampled_from(GAPS[:8]))}"]
    for _ in range(draw(st.integers(0, 2))):
        at += timedelta(days=draw(st.integers(1, max(2, days // 3))), minutes=draw(st.sampled_from([0, 17, 60, 605])))
        lines.append(f"{at.isoformat(timespec='minutes')} {draw(st.sampled_from(GAPS))}")
    return "".join(f"{line}\n" for line in lines)


# ---------------------------------------------------------------------------------------------- edits


@st.composite
def edited(draw: st.DrawFn, text: str, kinds: tuple[str, ...]) -> str:
    """Edit one of the flows of a file."""
    head, *flows = re.split(r'(?m)^(?=(?:\w+ sequence|cadence|journey|workflow) ")', text)
    able = [n for n, kind in enumerate(kinds) if kind in EDITABLE]
    if not able:
        return text
    number = draw(st.sampled_from(able))
    ways = [*ANY, *(JOURNEY if kinds[number] in FREE else SEQUENCE)]
    for _ in range(draw(st.integers(1, 2))):
        flows[number] = draw(st.sampled_from(ways))(draw, flows[number])
    return head + "".join(flows)


def _steps(flow: str) -> list[str]:
    return re.findall(r"(?m)^\s*step (\w+):", flow)


def _asked_of(flow: str, step: str) -> bool:
    return bool(re.search(FACT.format(step), flow) or re.search(rf"after {step}\b", flow))


def _remove(draw: st.DrawFn, flow: str) -> str:
    """Take away a step that nothing asks of."""
    free = [s for s in _steps(flow) if not _asked_of(flow, s)]
    if len(_steps(flow)) < 2 or not free:
        return flow
    return re.sub(rf"(?m)^\s*step {draw(st.sampled_from(free))}:.*\n", "", flow)


def _rename(draw: st.DrawFn, flow: str) -> str:
    """Give a step another name; most say so."""
    if not _steps(flow) or " moved " in flow:
        return flow
    name = draw(st.sampled_from(_steps(flow)))
    found = re.sub(rf"step {name}:", "step renamed:", flow)
    found = re.sub(FACT.format(name), r"\1(renamed", found)
    found = re.sub(rf"after {name}\b", "after renamed", found)
    if draw(st.integers(0, 3)):
        found = found.replace("{\n", f"{{\n  moved {name} to renamed\n", 1)
    return found


def _add(draw: st.DrawFn, flow: str) -> str:
    """Add a step somewhere among the others."""
    fresh = next(name for name in ("new", "newer", "newest", "last") if name not in _steps(flow))
    day = f" on day {draw(st.integers(1, 6))}" if re.match(r"classic|cadence", flow) else ""
    line = f"step {fresh}: {draw(st.sampled_from(['email', 'sms']))}{day} " + MAIL.format("")
    line = line.replace('subject: "s", ', "") if " sms" in line else line
    places = [m.start() for m in re.finditer(r"(?m)^\s*step \w+:", flow)]
    at = draw(st.sampled_from(places)) if places else flow.rindex("}")
    return f"{flow[:at]}\n{line}\n{flow[at:].lstrip()}"


def _swap(draw: st.DrawFn, flow: str) -> str:
    """Let two neighbouring steps change places."""
    del draw
    return re.sub(r"(?m)^(\s*step \w+:.*\n)(\s*step \w+:.*\n)", r"\2\1", flow, count=1)


def _drop_condition(draw: st.DrawFn, flow: str) -> str:
    """Let a step come without its condition."""
    name = draw(st.sampled_from(_steps(flow))) if _steps(flow) else ""
    return re.sub(rf"(?m)^(\s*step {name}:[^\n]*?) when [^\n]*? (\{{[^\n]*)$", r"\1 \2", flow)


def _drop_line(draw: st.DrawFn, flow: str) -> str:
    """Take away an exit, or a line about pace."""
    word = draw(st.sampled_from(["exit when", "window", "at most", "skip when", "exclusive", "over limit", "admit"]))
    return re.sub(rf"(?m)^\s*{word}.*\n", "", flow, count=1)


def _add_exit(draw: st.DrawFn, flow: str) -> str:
    """Name one more reason to leave."""
    line = draw(st.sampled_from(["exit when replied", 'exit when stage = "Customer"', "exit when unsubscribed, bounced"]))
    return flow[: flow.rindex("}")] + f"{line}\n}}\n"


def _reschedule(draw: st.DrawFn, flow: str) -> str:
    """Let the runs be at other times of the same zone."""
    return re.sub(r'run .*? in "', f'run {draw(st.sampled_from(RUNS))} in "', flow, count=1)


def _redate(draw: st.DrawFn, flow: str) -> str:
    """Move a step to another day."""
    return _at_one(draw, flow, r"on day \d+", st.builds("on day {}".format, st.integers(1, 7)))


def _other_wait(draw: st.DrawFn, flow: str) -> str:
    """Let a wait be of another span."""
    return _at_one(draw, flow, r"(?m)^wait \d+ \w+$", st.sampled_from(["wait 1 day", "wait 5 hours", "wait 3 days"]))


def _at_one(draw: st.DrawFn, flow: str, pattern: str, other: st.SearchStrategy[str]) -> str:
    """Put something else in the place of one of what is found, if anything is."""
    places = list(re.finditer(pattern, flow))
    if not places:
        return flow
    found = draw(st.sampled_from(places))
    return f"{flow[: found.start()]}{draw(other)}{flow[found.end() :]}"


Way = Callable[[st.DrawFn, str], str]
ANY: list[Way] = [_remove, _rename, _add, _swap, _drop_condition, _drop_line, _add_exit]
SEQUENCE: list[Way] = [_reschedule, _redate, _redate]
JOURNEY: list[Way] = [_other_wait]
