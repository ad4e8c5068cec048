"""The options of a step against its channel: known, complete, of the right type (LANGUAGE 6)."""

from __future__ import annotations

from seqlang.frozen import Record
from seqlang.plan.conditions import (
    Choose,
    Content,
    FieldRef,
    FlowOwner,
    ListValue,
    Literal_,
    PlanValue,
    Span,
    SpanValue,
    StepRef,
    Template,
    Word,
)
from seqlang.semantics.facts import find_step
from seqlang.semantics.options_said import check_said
from seqlang.semantics.report import nearest
from seqlang.semantics.scope import Scope, StepInfo
from seqlang.semantics.templates import Uses, template_subject
from seqlang.semantics.values import TYPE_WORDS, read_choose, read_value, read_word
from seqlang.syntax import tree
from seqlang.vocabulary.channels import ChannelSpec, OptionSpec

# What the engine must know without asking a contact, so that it cannot be a `choose`.
FIXED = ("review", "outcomes", "due")


class CheckedOptions(Record):
    """The options of one step, and what the plan takes out of them."""

    values: tuple[tuple[str, PlanValue], ...]  # in the order of the file, then defaults
    placeholders: tuple[str, ...]
    outcomes: tuple[str, ...]
    due: Span | None
    draft: bool
    to_contact: bool  # goes to the contact's own address


def read_options(scope: Scope, uses: Uses, node: tree.Step, channel: ChannelSpec) -> CheckedOptions | None:
    """Return the options of a step, or None after reporting what is wrong with them."""
    given: dict[str, PlanValue | None] = {}
    for option in node.options:
        spec = channel.option(option.name.text)
        if option.name.text in given:
            scope.report.error("SEQ402", option.name, f"the option `{option.name.text}` is there twice")
        elif spec is None:
            given[option.name.text] = None
            scope.report.unknown(
                "SEQ401",
                option.name,
                f"the channel {channel.word} has no option `{option.name.text}`",
                option.name.text,
                [o.name for o in channel.options],
                text=False,
            )
        else:
            given[spec.name] = _read(scope, uses, spec, channel, option.value)
    complete = _check_complete(scope, node, channel, given)
    if complete:
        complete = _check_subject(scope, uses, node, channel, given)
    complete = check_said(scope.report, node, channel, given) and complete
    if not complete or None in given.values():
        return None
    values = {name: value for name, value in given.items() if value is not None}
    for spec in channel.options:
        if spec.name not in values and spec.default is not None and not _excluded(channel, spec.name, values):
            values[spec.name] = _default(spec)
    due = values.get("due")
    review = values.get("review")
    return CheckedOptions(
        values=tuple(values.items()),
        placeholders=tuple(sorted(uses.placeholders)),
        outcomes=_texts(values.get("outcomes")),
        due=due.span if isinstance(due, SpanValue) else None,
        draft=channel.draft or (isinstance(review, Literal_) and review.value is True),
        to_contact="to" not in values or _reaches_contact(values["to"]),
    )


def _read(scope: Scope, uses: Uses, spec: OptionSpec, channel: ChannelSpec, value: tree.Value) -> PlanValue | None:
    if spec.name in FIXED and isinstance(value, tree.Choose):
        scope.report.error(
            "SEQ415",
            value,
            f"`{spec.name}` is the same for everybody and cannot be chosen",
            hint="write two steps with a `when` each",
        )
        return None
    if spec.type in ("step", "word", "words"):
        return _read_words(scope, spec, channel, value)
    found = read_value(scope, uses, spec.type, value)
    if spec.words and isinstance(found, Literal_) and found.type == "text" and found.value not in spec.words:
        scope.report.unknown(
            "SEQ414", value, f"`{found.value}` is not one of the words that fit here", str(found.value), spec.words
        )
        return None
    return found


def _read_words(scope: Scope, spec: OptionSpec, channel: ChannelSpec, value: tree.Value) -> PlanValue | None:
    if isinstance(value, tree.Choose):
        return read_choose(scope, value, lambda v: _read_words(scope, spec, channel, v))
    if spec.type == "word":
        return read_word(scope, spec.words, value)
    if spec.type == "words":
        items = value.items if isinstance(value, tree.ListOf) else (value,)
        words = [read_word(scope, spec.words, item) for item in items]
        return ListValue(items=tuple(w for w in words if w is not None)) if None not in words else None
    if not isinstance(value, tree.Path) or len(value.names) != 1:
        hint = f"write `{value.value}`, without quotes" if isinstance(value, tree.Text) and value.value in scope.steps else None
        scope.report.error("SEQ411", value, f"{TYPE_WORDS['step']} is wanted here", hint=hint)
        return None
    name = value.names[0]
    if name.text in spec.words and name.text not in scope.steps:
        return Word(word=name.text)
    info = find_step(scope, name)
    if info is None or not _may_refer(scope, channel, info, name):
        return None
    return StepRef(step=info.name)


def _may_refer(scope: Scope, channel: ChannelSpec, info: StepInfo, at: tree.Name) -> bool:
    own = scope.step
    if own is not None and own.name == info.name:
        scope.report.error("SEQ420", at, f"`{info.name}` cannot refer to itself")
        return False
    if channel.thread and info.channel is not None and not info.channel.thread:
        scope.report.error(
            "SEQ421",
            at,
            f"`{info.name}` is a step of the channel {info.channel.word}, which has no threads",
            hint="name a step that sends an e-mail",
        )
        return False
    if own is None or scope.kind == "smart":
        return True
    if own.day is not None and info.day is not None:
        later = (info.day, info.index) > (own.day, own.index)
    else:
        later = scope.kind not in ("classic", "cadence") and info.index > own.index
    if later:
        scope.report.error("SEQ420", at, f"`{info.name}` comes later, so there is nothing yet to refer to")
    return not later


def _check_complete(scope: Scope, node: tree.Step, channel: ChannelSpec, given: dict[str, PlanValue | None]) -> bool:
    fine = True
    meant = {nearest(o.name.text, [s.name for s in channel.options]) for o in node.options if channel.option(o.name.text) is None}
    grouped = {name for group in channel.one_of for name in group}
    for spec in channel.options:
        if spec.required and spec.name not in given and spec.name not in grouped and spec.name not in meant:
            scope.report.error(
                "SEQ403",
                node.name,
                f"the step `{node.name.text}` needs the option `{spec.name}`",
                hint=spec.help or f"`{spec.name}` is {TYPE_WORDS[spec.type]}",
            )
            fine = False
    for group in channel.one_of:
        present = [name for name in group if name in given]
        if not present and not meant.intersection(group):
            scope.report.error("SEQ403", node.name, f"the step `{node.name.text}` needs {' or '.join(f'`{n}`' for n in group)}")
            fine = False
        elif len(present) > 1:
            second = next(o for o in node.options if o.name.text == present[1])
            scope.report.error("SEQ404", second.name, f"`{present[1]}` and `{present[0]}` exclude each other")
            fine = False
    if scope.subject == "account" and channel.address is not None and "to" not in given:
        hint = "write `to:` with an address" if channel.option("to") else "only flows for contact and deal reach a phone"
        scope.report.error(
            "SEQ405",
            node.name,
            f"an account has no {channel.address} of its own, so the step `{node.name.text}` needs to be told where it goes",
            hint=hint,
        )
        fine = False
    return fine


def _check_subject(scope: Scope, uses: Uses, node: tree.Step, channel: ChannelSpec, given: dict[str, PlanValue | None]) -> bool:
    spec = channel.option("subject")
    if not channel.thread or spec is None or spec.required or "subject" in given or "reply_to_step" in given:
        return True
    if ("template" in given and given["template"] is None) or any(channel.option(o.name.text) is None for o in node.options):
        return True  # the template is reported already, or an option that may be the one that is missing
    missing = [t for t in uses.templates if template_subject(uses.contents.text.templates[t]) is None]
    if uses.templates and not missing:
        return True
    where = f"neither the step nor the template `{missing[0]}` has one" if missing else "give it one with `subject:`"
    scope.report.error(
        "SEQ406",
        node.name,
        f"the message `{node.name.text}` has no subject: {where}"
        if missing
        else f"the message `{node.name.text}` has no subject",
        hint="write `subject:` in the step, `subject:` in the template's front matter, or a `<title>`",
    )
    return False


def _excluded(channel: ChannelSpec, name: str, values: dict[str, PlanValue]) -> bool:
    return any(name in group and any(other in values for other in group) for group in channel.one_of)


def _default(spec: OptionSpec) -> PlanValue:
    default = spec.default
    if isinstance(default, tuple):
        words = spec.type == "words"
        return ListValue(items=tuple(Word(word=t) if words else Literal_(type="text", value=t) for t in default))
    if spec.type in ("user", "address") and default == "owner":
        return FlowOwner()
    if spec.type in ("word", "step"):
        return Word(word=str(default))
    if isinstance(default, bool):
        return Literal_(type="boolean", value=default)
    if isinstance(default, (int, float)):
        return Literal_(type="number", value=default)
    return Literal_(type="text", value=str(default))


def _texts(value: PlanValue | None) -> tuple[str, ...]:
    if not isinstance(value, ListValue):
        return ()
    return tuple(str(i.value) for i in value.items if isinstance(i, Literal_))


def _reaches_contact(value: PlanValue) -> bool:
    """Return whether mail to `value` is mail to the contact: the rule on addresses and consent then applies."""
    match value:
        case Choose():
            return any(_reaches_contact(case.value) for case in value.cases)
        case FieldRef():
            return value.holder != "user"
        case Template():
            return "contact." in value.source
        case FlowOwner() | Literal_() | Content():
            return False
        case _:
            return False


def declared_outcomes(node: tree.Step, channel: ChannelSpec) -> tuple[str, ...]:
    """Return the outcomes that a step may have, before its options are checked."""
    option = next((o for o in node.options if o.name.text == "outcomes"), None)
    if option is not None:
        items = option.value.items if isinstance(option.value, tree.ListOf) else (option.value,)
        return tuple(i.value for i in items if isinstance(i, tree.Text))
    spec = channel.option("outcomes")
    return spec.default if spec is not None and isinstance(spec.default, tuple) else ()


def makes_draft(node: tree.Step, channel: ChannelSpec) -> bool:
    """Return whether a step makes an email reminder first."""
    return channel.draft or any(
        o.name.text == "review" and isinstance(o.value, tree.Truth) and o.value.value for o in node.options
    )
