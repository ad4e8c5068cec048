"""Which words each kind of flow knows; every other combination is an error that names the kind that knows the word."""

from __future__ import annotations

from seqlang.semantics.report import Reporter
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
    tree.Audience: ("audience", ("classic", "smart", "outbound"), None),
    tree.EnterOnEvent: ("enter on event", ("journey",), None),
    tree.EnterWhen: ("enter when", ("journey",), None),
    tree.EnterAt: ("enter on", ("journey",), None),
    tree.EnterAgain: ("enter again", ("journey",), None),
    tree.Trigger: ("on", ("workflow",), None),
    tree.Window: ("window", _MANNERS, None),
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
    tree.Split: ("split", ("journey",), None),
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
            report.error(
                "SEQ502", item, f"`{word}` stands amid the steps", hint="write it before the first step or after the last"
            )
        if type(item) in seen and not isinstance(item, REPEATED):
            report.error("SEQ503", item, f"`{word}` stands twice in this flow", hint="leave one of them out")
            left_out.add(index)
        seen[type(item)] = item
    return left_out


def _knows(report: Reporter, flow: tree.Flow, item: Node) -> bool:
    table = SETTINGS if is_setting(item) else STATEMENTS
    word, kinds, hint = table[type(item)]
    if flow.kind in kinds:
        return True
    word = statement_word(item) if not is_setting(item) else word
    known = " and ".join(sorted({_plural(k) for k in kinds})) if len(kinds) < len(_MANNERS) - 1 else ""
    if isinstance(item, IN_BLOCKS) and flow.kind in _RUNS:
        hint = "it may stand in the block of an `exit when`"
    report.error(
        "SEQ501", item, f"{KIND_NAMES[flow.kind]} has no `{word}`" + (f": it belongs to {known}" if known else ""), hint=hint
    )
    return False


def _plural(kind: str) -> str:
    return {"classic": "classic sequences", "smart": "smart sequences", "outbound": "outbound sequences"}.get(kind, f"{kind}s")
