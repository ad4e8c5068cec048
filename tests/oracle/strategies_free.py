"""Made-up flows without runs: journeys and workflows, as text."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.oracle.strategies import MAIL, SOME, STATEMENTS, blocks, conditions, exits, manners

FREE = ("journey", "workflow", "deals", "accounts")  # kinds of flow without runs, as the strategies call them


class Names:
    """Fresh names of steps and splits of one flow."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.calls: list[str] = []
        self.count = 0

    def fresh(self) -> str:
        """Return a name that nothing has yet."""
        self.count += 1
        return "abcdefghijklmnopqrstuvwxyz"[self.count - 1]


@st.composite
def free_flows(draw: st.DrawFn, name: str, kind: str, all_names: str, kinds: tuple[str, ...]) -> str:
    """Make a journey or a workflow for contacts; a journey enrolls in the sequences after it."""
    if kind == "workflow":
        return draw(workflows(name, all_names))
    if kind == "deals":
        return draw(deal_flows(name))
    if kind == "accounts":
        return draw(account_flows(name))
    with_runs = [n for n, k in zip(all_names, kinds, strict=True) if k not in {*FREE, "firms"}]
    return draw(journeys(name, "".join(with_runs)))


@st.composite
def journeys(draw: st.DrawFn, name: str, all_names: str) -> str:
    """Make a journey: triggers, a window, goals, exits, and up to two levels of statements."""
    names = Names()
    head = ['owner "ana@example.com"']
    triggers = [
        'enter on event "login"', 'enter on event "buy" with amount > 5',
        'enter on 2026-03-04T10:00 in "Europe/Berlin" for view "Leads"',
    ]  # fmt: skip
    head += draw(st.lists(st.sampled_from(triggers), max_size=2, unique=True))
    if draw(st.booleans()) or len(head) == 1:
        head.append(f"enter when {draw(still())}")
    head += draw(st.sampled_from([[], ["enter again after 3 days"]]))
    head += draw(manners())
    head += draw(st.sampled_from([[], [], [], ["admit at most 1 a day"], ["admit at most 2 a week"]]))
    body = draw(bodies(names, all_names, 2))
    head += [f'goal "G" when {draw(still())}{draw(blocks())}'] if draw(SOME) == 0 else []
    head += draw(exits(tuple(names.mails), tuple(names.calls), finished=False)) if draw(st.booleans()) else []
    return f'journey "{name}" {{\n' + "\n".join([*head, *body]) + "\n}\n"


def still() -> st.SearchStrategy[str]:
    """Return conditions that turn by time at full hours at most, where it is looked at them."""
    return st.sampled_from([
        "score >= 2", 'stage = "Lead"', 'stage != "Lead"', "newsletter", 'event "login"', 'tagged "VIP"',
        "score < 4 and country is not empty",
        'in list "Expo"', "unsubscribed",
        'stage = "Qualified"', "score > 4", "trial_ends in the next 1 days", "trial_ends before today",
        'deal.stage = "Won"', 'count(event "login") >= 2', 'was in sequence "F"',
    ])  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn, names: Names, all_names: str, depth: int) -> list[str]:
    """Make some statements."""
    found: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        found += draw(statements(names, all_names, depth))
    return found


@st.composite
def statements(draw: st.DrawFn, names: Names, all_names: str, depth: int) -> list[str]:
    """Make one statement of a journey."""
    kinds = ["step", "step", "step", "act", "wait", "until", "moment", "enroll"]
    kind = draw(st.sampled_from([*kinds, "if", "split"] if depth else kinds))
    if kind == "step":
        return [draw(journey_steps(names))]
    if kind == "act":
        return [draw(STATEMENTS | JOURNEY_STATEMENTS)]
    if kind == "wait":
        return [f"wait {draw(st.sampled_from(['1 day', '2 days', '4 days', '5 hours', '90 minutes', '2 working days']))}"]
    if kind == "until":
        end = draw(st.sampled_from(["", " for at most 1 day", " for at most 2 days", " at latest 2026-03-08T10:00+01:00"]))
        asked = draw(still()) if not names.mails or draw(st.booleans()) else f"opened({draw(st.sampled_from(names.mails))})"
        return [f"wait until {asked}{end}"]
    if kind == "moment":
        return [draw(st.sampled_from(['wait until 2026-03-05T09:00 in "Europe/Berlin"', "wait until 1 days before trial_ends",
                                      "wait until 2026-03-01T09:00+01:00"]))]  # fmt: skip
    if kind == "enroll":
        word = draw(st.sampled_from(["enroll in", "remove from", "move to"]))
        return [f'{word} "{draw(st.sampled_from(all_names))}"'] if all_names and draw(st.booleans()) else ['tag "seen"']
    inner = draw(bodies(names, all_names, depth - 1))
    if kind == "split":
        split = names.fresh()
        other = draw(bodies(names, all_names, depth - 1))
        winner = draw(st.sampled_from(["", "", " winner by opened after 2 days", " winner by replied after 1 day"]))
        return [f'split "s{split}"{winner} {{', '60% "x" {', *inner, "}", '30% "y" {', *other, "}", "10% holdout", "}"]
    asked = draw(conditions(tuple(names.mails), tuple(names.calls)))
    lines = [f"if {asked} {{", *inner]
    if draw(st.booleans()):
        lines += ["} else {", *draw(bodies(names, all_names, depth - 1))]
    return [*lines, "}"]


DEAL_STATEMENTS = [
    "wait 1 day", "wait 5 hours", 'set currency = "EUR"', "add amount 3", 'tag "seen"', 'assign "bo@example.com"',
    "wait until amount > 8 for at most 2 days", 'wait until contact.stage = "Customer" for at most 1 day',
    'if contact.score >= 2 {\nadd amount 1\n} else {\nset currency = "USD"\n}', "wait until closes_on",
    'split "s" {\n50% "x" { add amount 1 }\n50% holdout\n}',
]  # fmt: skip
DEAL_TRIGGERS = ['enter when stage = "Open"', "enter when amount > 5 and contact.newsletter", 'enter on event "login"']
DEAL_ENDS = [
    'exit when stage = "Won"', 'goal "G" when stage = "Won" { set currency = "GBP" }',
    "exit when unsubscribed", "exit when replied",
]  # fmt: skip


@st.composite
def deal_flows(draw: st.DrawFn, name: str) -> str:
    """Make a journey or a workflow for deals: mail goes to the deal's contact, statements change the deal."""
    mails = [f"step {letter}: email {MAIL.format('')}" for letter in "ab"]
    if draw(SOME) == 0:
        trigger = draw(st.sampled_from(["on created", "on change of stage", "on change of amount", 'on event "login"']))
        actions = draw(st.lists(st.sampled_from(['set currency = "EUR"', "add amount 1", 'tag "seen"']), min_size=1, max_size=2))
        return f'workflow "{name}" for deal {{\nowner "ana@example.com"\n{trigger}\n{mails[0]}\n' + "\n".join(actions) + "\n}\n"
    body = draw(st.lists(st.sampled_from(DEAL_STATEMENTS), min_size=1, max_size=4, unique=True))
    for mail in mails[: draw(st.integers(1, 2))]:
        body.insert(draw(st.integers(0, len(body))), mail)
    head = [*draw(st.lists(st.sampled_from(DEAL_TRIGGERS), min_size=1, max_size=2, unique=True)), *draw(manners())]
    head += draw(st.lists(st.sampled_from(DEAL_ENDS), max_size=2, unique=True))
    head += draw(st.sampled_from([[], ["enter again after 1 day"]]))
    return f'journey "{name}" for deal {{\nowner "ana@example.com"\n' + "\n".join([*head, *body]) + "\n}\n"


ACCOUNT_STATEMENTS = [
    "wait 1 day", "wait 5 hours", 'set industry = "Food"', "add employees 3", 'tag "seen"', 'assign "bo@example.com"',
    "wait until employees > 22 for at most 2 days", 'wait until industry = "Food" for at most 1 day', "wait 2 days",
    'if employees > 10 {\nadd employees 1\n} else {\nset name = "Small"\n}', 'wait until event "login" for at most 3 days',
    'assign round robin ["ana@example.com", "bo@example.com"]',
    'split "s" {\n50% "x" { add employees 1 }\n50% "y" { tag "y" }\n}',
]  # fmt: skip
ACCOUNT_TRIGGERS = ['enter when industry = "Software"', "enter when employees > 10", 'enter on event "login"']
ACCOUNT_ENDS = ['exit when industry = "Food"', 'goal "G" when employees > 25 { tag "large" }', 'exit when tagged "y"']
ACCOUNT_STEPS = [
    'step {}: task {{ title: "t" }}',
    'step {}: notify {{ to: owner, subject: "s", text: "t" }}',
    "step {}: call {{ due: 1 days }}",
]


@st.composite
def account_flows(draw: st.DrawFn, name: str) -> str:
    """Make a journey or a workflow for accounts: statements change the account; no message goes to anybody by itself."""
    acts = [draw(st.sampled_from(ACCOUNT_STEPS)).format(letter) for letter in "ab"[: draw(st.integers(1, 2))]]
    if draw(SOME) == 0:
        trigger = draw(st.sampled_from(["on updated", "on change of industry", "on change of employees", 'on event "login"']))
        acts += draw(
            st.lists(st.sampled_from(['set industry = "Food"', "add employees 1", 'tag "seen"']), min_size=1, max_size=2)
        )
        return f'workflow "{name}" for account {{\nowner "ana@example.com"\n{trigger}\n' + "\n".join(acts) + "\n}\n"
    body = draw(st.lists(st.sampled_from(ACCOUNT_STATEMENTS), min_size=1, max_size=4, unique=True))
    for act in acts:
        body.insert(draw(st.integers(0, len(body))), act)
    head = draw(st.lists(st.sampled_from(ACCOUNT_TRIGGERS), min_size=1, max_size=2, unique=True))
    head += draw(st.lists(st.sampled_from(ACCOUNT_ENDS), max_size=2, unique=True))
    head += draw(st.sampled_from([[], ["enter again after 1 day"], ["window mon-fri 09:00-17:00"]]))
    return f'journey "{name}" for account {{\nowner "ana@example.com"\n' + "\n".join([*head, *body]) + "\n}\n"


JOURNEY_STATEMENTS = st.sampled_from([
    'assign "bo@example.com"', 'assign round robin ["ana@example.com", "bo@example.com", "cy@example.com"]', "exit",
    'set stage = choose { "Qualified" when score >= 2; "Customer" otherwise }', "set trial_ends = 2 days from today",
    "set newsletter = yes",
])  # fmt: skip


@st.composite
def journey_steps(draw: st.DrawFn, names: Names) -> str:
    """Make a step of a journey."""
    channel = draw(st.sampled_from(["email", "email", "sms", "call", "webhook"]))
    body = {
        "sms": '{ text: "t" }',
        "call": "{ due: 1 days }",
        "webhook": '{ url: "https://x.example" }',
        "email": MAIL.format(""),
    }[channel]
    when = f" when {draw(conditions(tuple(names.mails), tuple(names.calls)))}" if draw(SOME) == 0 else ""
    name = names.fresh()
    if channel == "email":
        names.mails.append(name)
    elif channel == "call":
        names.calls.append(name)
    return f"step {name}: {channel}{when} {body}"


@st.composite
def workflows(draw: st.DrawFn, name: str, all_names: str) -> str:
    """Make a workflow: one trigger and up to four actions."""
    trigger = draw(st.sampled_from([
        "on created", "on updated", "on change of stage", 'on change of stage to "Customer"', "on change of score, country",
        'on event "login"', 'on event "buy"', f'on entered "{all_names[0]}"', f'on exited "{all_names[0]}"',
        'on outcome "No answer"', "on overdue",
    ]))  # fmt: skip
    when = (
        f" when {draw(st.sampled_from(['score > 1', 'stage != ' + chr(34) + 'Lead' + chr(34), 'newsletter']))}"
        if draw(SOME) == 0
        else ""
    )
    names = Names()
    actions = [draw(st.one_of(STATEMENTS, journey_steps(names))) for _ in range(draw(st.integers(1, 3)))]
    return f'workflow "{name}" {{\nowner "ana@example.com"\n{trigger}{when}\n' + "\n".join(actions) + "\n}\n"
