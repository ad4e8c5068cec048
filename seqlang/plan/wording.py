"""Conditions, values and spans of a plan in the words of the language."""

from __future__ import annotations

from collections.abc import Iterator

from seqlang.plan import conditions as c


def parts_of(condition: c.Condition) -> Iterator[c.Condition]:
    """Yield the smallest conditions that it is made of, in their order; a `not` goes with what it negates."""
    match condition:
        case c.All() | c.Any_():
            for item in condition.items:
                yield from parts_of(item)
        case c.Not(item=c.All() | c.Any_() as inner):
            yield from parts_of(inner)
        case _:
            yield condition


def words(condition: c.Condition) -> str:
    """Return the condition as a file would write it."""
    match condition:
        case c.All():
            return " and ".join(_bracket(i) for i in condition.items) or "always"
        case c.Any_():
            return " or ".join(_bracket(i) for i in condition.items) or "never"
        case c.Not():
            return _negated(condition.item)
        case c.Compare():
            return f"{path(condition.field)} {condition.op} {value(condition.value)}"
        case c.OneOf():
            return f"{path(condition.field)} in [{', '.join(value(v) for v in condition.values)}]"
        case c.Matches():
            return f'{path(condition.field)} {condition.how} "{condition.text}"'
        case c.Within():
            return f"{path(condition.field)} {_within(condition.sign)} {span(condition.span)}"
        case c.Relative():
            return f"{path(condition.field)} {condition.side} {value(condition.value)}"
        case c.Between():
            return f"{path(condition.field)} between {value(condition.low)} and {value(condition.high)}"
        case c.Empty():
            return f"{path(condition.field)} is empty"
        case _:
            return _words_of_facts(condition)


def _words_of_facts(condition: c.Condition) -> str:
    match condition:
        case c.Some():
            return f"{condition.record} with ({words(condition.where)})"
        case c.CountSome():
            some = condition.some
            return f"count({some.record} with ({words(some.where)})) {condition.op} {condition.number:g}"
        case c.CountEvents():
            return _events(condition)
        case c.Fact():
            step = "" if condition.step is None else f"({condition.step}{_link(condition.url)})"
            last = f" in the last {span(condition.last)}" if condition.last else ""
            return f"{condition.fact}{step}{last}"
        case c.Outcome():
            named = [f'"{v}"' for v in condition.values]
            return f"outcome({condition.step}) {'= ' + named[0] if len(named) == 1 else 'in [' + ', '.join(named) + ']'}"
        case c.InList():
            return f'in list "{condition.list}"'
        case c.Tagged():
            return f'tagged "{condition.tag}"'
        case c.InFlow():
            return f'{"was " if condition.was else ""}in sequence "{condition.flow}"'
        case c.AccountReplied():
            return "account replied"
        case _:
            return "unsubscribed"


def _events(condition: c.CountEvents) -> str:
    event = f'event "{condition.event}"' + (f" with ({words(condition.where)})" if condition.where else "")
    tail = (f" in the last {span(condition.last)}" if condition.last else "") + (" since entry" if condition.since_entry else "")
    if condition.op == ">=" and condition.number == 1:
        return event + tail
    return f"count({event}){tail} {condition.op} {condition.number:g}"


def _negated(item: c.Condition) -> str:
    match item:
        case c.Compare(op="="):
            return f"{path(item.field)} != {value(item.value)}"
        case c.OneOf():
            return f"{path(item.field)} not in [{', '.join(value(v) for v in item.values)}]"
        case c.Empty():
            return f"{path(item.field)} is not empty"
        case _:
            return f"not {_bracket(item)}"


def _bracket(item: c.Condition) -> str:
    return f"({words(item)})" if isinstance(item, c.All | c.Any_) and len(item.items) > 1 else words(item)


def _link(url: str | None) -> str:
    return f', "{url}"' if url else ""


def _within(sign: int) -> str:
    return "in the next" if sign > 0 else "in the last"


def path(field: c.FieldRef) -> str:
    """Return a field's path: `account.industry`."""
    return ".".join([*(link.field for link in field.links), field.field])


def span(length: c.Span) -> str:
    """Return a length of time: `3 days`."""
    return f"{length.count:g} {length.unit}{'' if length.count == 1 else 's'}"


def value(given: c.PlanValue) -> str:
    """Return a value as a file would write it."""
    match given:
        case c.Literal_(type="text"):
            return f'"{given.value}"'
        case c.Literal_(type="boolean"):
            return "yes" if given.value else "no"
        case c.Literal_(type="instant"):
            return str(given.value).removesuffix("+00:00").removesuffix(":00") + "Z"
        case c.Literal_():
            return f"{given.value:g}" if isinstance(given.value, float) else str(given.value)
        case c.FieldRef():
            return path(given)
        case c.Shifted():
            return f"{span(given.span)} {'from' if given.sign > 0 else 'before'} {value(given.origin)}"
        case c.Today():
            return "today"
        case c.Now():
            return "now"
        case _:
            return _value_of_options(given)


def _value_of_options(given: c.PlanValue) -> str:
    match given:
        case c.Template():
            return f'"{given.source}"'
        case c.Word():
            return given.word
        case c.StepRef():
            return given.step
        case c.FlowOwner():
            return "owner"
        case c.SpanValue():
            return span(given.span)
        case c.Content():
            return f'"{given.name}"'
        case c.ListValue():
            return f"[{', '.join(value(item) for item in given.items)}]"
        case c.Choose():
            cases = (f"{value(o.value)} {'otherwise' if o.when is None else 'when ' + words(o.when)}" for o in given.cases)
            return f"choose {{ {'; '.join(cases)} }}"
        case _:
            return "…"


def field_of(condition: c.Condition) -> c.FieldRef | None:
    """Return the field that a smallest condition looks at, if it is one."""
    inner = condition.item if isinstance(condition, c.Not) else condition
    if isinstance(inner, c.Compare | c.OneOf | c.Matches | c.Within | c.Relative | c.Between | c.Empty):
        return inner.field
    return None
