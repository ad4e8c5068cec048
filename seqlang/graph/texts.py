"""What is written in a picture: parts of a plan as short texts."""

from __future__ import annotations

from seqlang.graph.picture import FlowCount, StepCount
from seqlang.plan import conditions as c
from seqlang.plan import model as m
from seqlang.plan.wording import span, value, words

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KIND_WORDS = {"classic": "classic sequence", "smart": "smart sequence", "outbound": "outbound sequence"}
SHOWN_OPTIONS = ("subject", "template", "title", "text", "script", "url")  # the first that a step has


def kind_words(flow: m.FlowPlan) -> str:
    """Return the kind of a flow as a file writes it."""
    return KIND_WORDS.get(flow.kind, flow.kind) + (f" for {flow.for_record}" if flow.for_record != "contact" else "")


def flow_notes(flow: m.FlowPlan) -> tuple[str, ...]:
    """Return what holds for the flow as a whole, a line each: owner, runs, window, pace."""
    manners = flow.manners
    per = "a day" if manners.messages_days == 1 else "a week"
    pace = [
        *(["exclusive"] if manners.exclusive else ()),
        *([f"at most {manners.messages} messages {per}"] if manners.messages else ()),
        *([f"over limit {manners.over_limit}"] if manners.over_limit else ()),
        *([f"skip when more than {span(manners.late_after)} late"] if manners.late_after else ()),
        *(["undeliverable skip"] if manners.undeliverable_skip else ()),
    ]
    found = [
        kind_words(flow) + (f", {flow.owner}" if flow.owner else ""),
        f"run {schedule_words(flow.schedule)}" if flow.schedule else "",
        f"window {window_words(manners.window)}" if manners.window else "",
        ", ".join(pace),
        f"enter again after {span(flow.again_after)}" if flow.again_after else "",
    ]
    return tuple(text for text in found if text)


def schedule_words(run: m.SchedulePlan) -> str:
    """Return when a flow runs."""
    if run.kind == "cron":
        text = f'cron "{run.cron}"'
    elif run.kind == "daily":
        text = f"daily at {run.time}"
    else:
        text = f"every {span(run.every) if run.every else ''}" + (f" from {run.time}" if run.time else "")
    days = " except weekends" if run.except_weekends else ""
    return f"{text} in {run.zone}{days}" + (f" on calendar {run.calendar.name}" if run.calendar else "")


def window_words(window: m.WindowPlan) -> str:
    """Return when steps may happen."""
    if window.calendar is not None:
        return f"calendar {window.calendar.name}"
    times = ", ".join(f"{_days(o.days)} {o.start}-{o.end}" for o in window.openings)
    return f"{times} in {f'contact timezone else {window.zone}' if window.contact_timezone else window.zone}"


def _days(days: tuple[int, ...]) -> str:
    ordered = sorted(days)
    if len(ordered) > 1 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{WEEKDAYS[ordered[0]]}-{WEEKDAYS[ordered[-1]]}"
    return ", ".join(WEEKDAYS[day] for day in ordered)


def step_lines(step: m.StepNode) -> tuple[str, ...]:
    """Return when a step happens, on what condition, and what goes out."""
    shown = next(((name, v) for name in SHOWN_OPTIONS if (v := step.option(name)) is not None), None)
    found = [
        timing_words(step.timing),
        f"when {words(step.when)}" if step.when is not None else "",
        f"{shown[0]} {value(shown[1])}" if shown else "",
        "a draft first, for review" if step.draft else "",
        f"due in {span(step.due)}" if step.due is not None else "",
    ]
    return tuple(text for text in found if text)


def timing_words(timing: m.Timing | None) -> str:
    """Return when a step is due; empty where it is due at once."""
    match timing:
        case m.OnDay():
            return f"day {timing.day}"
        case m.AfterEntry() | m.AfterPrevious():
            return f"after {span(timing.span)}"
        case m.AfterStep():
            return f"{span(timing.span)} after {timing.step}"
        case m.AroundMoment():
            origin = value(timing.origin)
            return f"{span(timing.span)} {'after' if timing.sign > 0 else 'before'} {origin}" if timing.span else f"on {origin}"
        case _:
            return ""


def until_lines(node: m.WaitUntilNode) -> tuple[str, ...]:
    """Return what a `wait until` waits for, and how long at most."""
    ends = [
        words(node.condition) if node.condition is not None else value(node.moment) if node.moment is not None else "",
        f"for at most {span(node.at_most)}" if node.at_most else "",
        f"at latest {value(node.at_latest)}" if node.at_latest is not None else "",
    ]
    return tuple(text for text in ends if text)


def trigger_words(trigger: m.Trigger) -> tuple[str, ...]:
    """Return what brings somebody in: its words, then its conditions."""
    match trigger:
        case m.OnEvent():
            head = f'on event "{trigger.event}"'
            return (head, *_if("with", trigger.where), *_if("when", trigger.when))
        case m.OnCondition():
            return (f"when {words(trigger.condition)}",)
        case m.OnInstant():
            return (f"on {trigger.instant[:16]}Z", f"whoever {words(trigger.condition)}")
        case m.OnRecord():
            fields = f" of {', '.join(trigger.fields)}" if trigger.fields else ""
            to = f" to {value(trigger.to)}" if trigger.to is not None else ""
            return (f"on {trigger.what}{fields}{to}", *_if("when", trigger.when))
        case m.OnFlow():
            name = f' "{trigger.name}"' if trigger.name else ""
            return (f"on {trigger.what}{name}", *_if("when", trigger.when))


def _if(word: str, condition: c.Condition | None) -> tuple[str, ...]:
    return (f"{word} {words(condition)}",) if condition is not None else ()


def exit_words(rule: m.ExitRule) -> str:
    """Return the reasons of an `exit when`."""
    return ", ".join(words(check.condition) if check.condition is not None else check.kind for check in rule.checks)


def step_count(count: StepCount | None, effect: str) -> str:
    """Return what came of a step, in a few words."""
    if count is None:
        return ""
    parts = [f"{count.went_out:,} {'sent' if effect == 'message' else 'made'}"]
    for word in ("opened", "clicked", "replied", "done"):
        number: int = getattr(count, word)
        if number and count.went_out:
            parts.append(f"{number * 100 / count.went_out:.0f}% {word}")
    parts += [f"{number:,} {word}" for word in ("skipped", "waiting") if (number := getattr(count, word))]
    return ", ".join(parts)


def entry_count(count: FlowCount | None) -> str:
    """Return how many came in, and how many are in."""
    return f"{count.entered:,} came in, {count.active:,} are in" if count is not None else ""
