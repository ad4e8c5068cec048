"""Which words each kind of flow knows; every other combination is an error that names the kind that knows the word."""

from __future__ import annotations

from seqlang.semantics.report import Reporter, joined
from seqlang.syntax import tree
from seqlang.syntax.node import Node

KIND_NAMES: dict[str, str] = {
    "classic": "a classic sequence",
    "smart": "a smart sequence",
    "outbound": "an outbound sequence",
    "cadence": "a cadence",
    "workflow": "a workflow",
    "journey": "a journey",
}
_ALL = ("classic", "smart", "outbound", "cadence", "workflow", "journey")
_RUNS = ("classic", "smart", "outbound", "cadence")
_MANNERS = ("classic", "smart", "outbound", "cadence", "journey")

# word of the file, kinds that know it, what to do elsewhere
SETTINGS: dict[type[Node], tuple[str, tuple[str, ...], str | None]] = {
    tree.Owner: ("owner", _ALL, None),
    tree.Run: ("run", _RUNS, "it happens when something falls due; it has no runs"),
    tree.Audience: ("audience", ("classic", "smart", "outbound"), "write `enter when …`"),
    tree.EnterOnEvent: ("enter on event", ("journey",), 'write `audience { where event "…" }`'),
    tree.EnterWhen: ("enter when", ("journey",), "write `audience { where … }`"),
    tree.EnterAt: ("enter on", ("journey",), 'write `audience { view "…" }`'),
    tree.EnterAgain: ("enter again", ("journey",), "a contact never comes into the same sequence twice"),
    tree.Trigger: ("on", ("workflow",), "write `enter on event …` or `enter when …` in a journey"),
    tree.Window: ("window", _MANNERS, "a workflow runs on the spot"),
    tree.Goal: ("goal", ("journey",), "write `exit when`"),
    tree.Exit: ("exit when", _MANNERS, "a workflow is finished on the spot"),
    tree.Admit: ("admit", ("classic", "smart", "outbound", "journey"), "whoever is enrolled by hand comes in"),
    tree.Exclusive: ("exclusive", _MANNERS, None),
    tree.OverLimit: ("over limit", _MANNERS, None),
    tree.AtMost: ("at most", _MANNERS, None),
    tree.SkipLate: ("skip when", _MANNERS, None),
    tree.Undeliverable: ("undeliverable", _MANNERS, None),
    tree.Moved: ("moved", _ALL, None),
}
STATEMENTS: dict[type[Node], tuple[str, tuple[str, ...], str | None]] = {
    tree.Step: ("step", _ALL, None),
    tree.Set: ("set", ("workflow", "journey"), None),
    tree.Add: ("add", ("workflow", "journey"), None),
    tree.Assign: ("assign", ("workflow", "journey"), None),
    tree.Tag: ("tag", ("workflow", "journey"), None),
    tree.ListChange: ("list", ("workflow", "journey"), None),
    tree.Enrol: ("enroll", ("workflow", "journey"), None),
    tree.ExitNow: ("exit", ("workflow", "journey"), None),
    tree.Wait: ("wait", ("journey",), None),
    tree.WaitUntil: ("wait until", ("journey",), None),
    tree.If: ("if", ("journey",), None),
    tree.Split: ("split", ("journey",), "write a journey"),
}
# What takes the place of a statement in kinds that do not know it.
_INSTEAD = {
    "classic": "say the day at the step: `step NAME: email on day 3 { … }`",
    "cadence": "say the day at the step: `step NAME: email on day 3 { … }`",
    "smart": "say it at the step: `step NAME: email after 2 days { … }`",
    "outbound": "say it at the step: `step NAME: email after 2 days { … }`",
    "workflow": "a workflow is finished on the spot: write a journey",
}
# May stand several times in one flow.
REPEATED = (tree.EnterOnEvent, tree.EnterWhen, tree.EnterAt, tree.Goal, tree.Exit, tree.Moved, tree.Trigger)
IN_BLOCKS = (tree.Set, tree.Add, tree.Assign, tree.Tag, tree.ListChange, tree.Enrol, tree.ExitNow)
ACTIONS_MAX = 4  # of a workflow (LANGUAGE 5.5)


def is_setting(node: Node) -> bool:
    """Return whether an item of a flow is a setting; else it is a step or a statement."""
    return type(node) in SETTINGS


def statement_word(node: Node) -> str:
    """Return the words with which a statement begins."""
    match node:
        case tree.Tag():
            return "untag" if node.remove else "tag"
        case tree.ListChange():
            return "remove from list" if node.remove else "add to list"
        case tree.Enrol():
            return {"enroll": "enroll in", "remove": "remove from", "move": "move to"}[node.how]
        case tree.Assign():
            return "assign round robin" if node.round_robin else "assign"
        case _:
            return {**SETTINGS, **STATEMENTS}[type(node)][0]


def check_items(report: Reporter, flow: tree.Flow) -> set[int]:
    """Report items that the flow's kind does not know, settings that stand twice or amid the steps.

    Returns the indices of items that later checks leave out.
    """
    left_out: set[int] = set()
    seen: dict[type[Node], Node] = {}
    places = [i for i, item in enumerate(flow.items) if not is_setting(item)]
    for index, item in enumerate(flow.items):
        if not _knows(report, flow, item):
            left_out.add(index)
            continue
        if not is_setting(item):
            continue
        word = SETTINGS[type(item)][0]
        if places and places[0] < index < places[-1]:
            report.error("SEQ502", item, f"`{word}` is among the steps", hint="write it before the first step or after the last")
        if type(item) in seen and not isinstance(item, REPEATED):
            report.error("SEQ503", item, f"this flow has two `{word}`", hint="leave one of them out")
            left_out.add(index)
        seen[type(item)] = item
    return left_out


def _knows(report: Reporter, flow: tree.Flow, item: Node) -> bool:
    table = SETTINGS if is_setting(item) else STATEMENTS
    word, kinds, hint = table[type(item)]
    if flow.kind in kinds:
        return True
    word = statement_word(item) if not is_setting(item) else word
    known = joined([_plural(k) for k in kinds]) if len(kinds) < len(_MANNERS) - 1 else ""
    if isinstance(item, IN_BLOCKS) and flow.kind in _RUNS:
        hint = "it may go in the block of an `exit when`"
    elif isinstance(item, tree.Audience) and flow.kind == "cadence":
        hint = "people are enrolled by hand: `seqlang enroll`"
    elif isinstance(item, tree.Wait | tree.WaitUntil):
        hint = _INSTEAD[flow.kind]
    elif isinstance(item, tree.If):
        when = (
            "`step NAME: email on day 3 when … { … }`"
            if flow.kind in ("classic", "cadence")
            else "`step NAME: email when … { … }`"
        )
        hint = _INSTEAD["workflow"] if flow.kind == "workflow" else f"say the condition at the step: {when}"
    report.error(
        "SEQ501", item, f"{KIND_NAMES[flow.kind]} has no `{word}`" + (f": it belongs to {known}" if known else ""), hint=hint
    )
    return False


def _plural(kind: str) -> str:
    return {"classic": "classic sequences", "smart": "smart sequences", "outbound": "outbound sequences"}.get(kind, f"{kind}s")
