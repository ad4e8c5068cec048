"""Made-up projects: flows of all kinds as text, contacts, and what happens to them, by Hypothesis.

Where the reference leaves something open, nothing is made that would ask it: a contact's address is its name, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

START = datetime(2026, 3, 2)  # a Monday; four weeks later the clocks change
PEOPLE = ("kim", "lou", "max", "nia")
HEADER = """\
record contact {
  country choice ["DE", "AT", "CH"]
  score number default 0
  stage choice ["Lead", "Qualified", "Customer"] default "Lead"
  trial_ends date
  demo_at datetime
  newsletter boolean
}
list "Expo" of contact
event "login" { }
event "buy" { amount number }
view "Leads" of contact where stage = "Lead" and score >= 2
calendar "Office" {
  timezone "Europe/Berlin"
  open mon-fri 09:00-17:00
  holidays ["DE-BE"]
}
"""
USERS = (
    "",
    "",
    '[[users]]\nemail = "ana@example.com"\ntimezone = "America/New_York"\n',
    '[[users]]\nemail = "cy@example.com"\nactive = false\n',
)
PACE = (
    "",
    "",
    "[pace]\nmessages_per_contact_per_week = 2\n",
    '[pace]\nquiet = "Office"\n',
    "[pace]\nmessages_per_domain_per_day = 1\n",
    "[pace]\nmessages_per_domain_per_day = 2\n",
)
SETTINGS = """\
name = "made-up"
timezone = "Europe/Berlin"
plan = "small"
[plan.small]
emails_per_user_per_day = {most}
over_limit = "{over}"
[channels.email.default]
smtp = "smtp://localhost:2525"
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up project with its files and its span."""

    toml: str
    seq: str
    files: tuple[tuple[str, str], ...]  # contacts, accounts, deals, events: the text of the CSV
    since: str
    until: str
    ticks: str = ""  # lines "INSTANT MINUTES": from then on a tick every so many minutes; none: wherever something falls due
    lag: int = 0  # hours by which events arrive late
    edits: tuple[tuple[str, str], ...] = ()  # when, and what stands in flow.seq from then on
    deeds: str = ""  # lines "INSTANT WHAT FLOW": a flow is stopped, started, archived

    def __repr__(self) -> str:
        parts = "".join(f"\n== {name}.csv\n{text}" for name, text in self.files)
        parts += "".join(f"\n== edit\n{at}\n{text}" for at, text in self.edits)
        parts += f"\n== deeds\n{self.deeds}" if self.deeds else ""
        parts += f"\n== ticks\n{self.ticks}" if self.ticks else ""
        parts += f"\n== lag\n{self.lag}\n" if self.lag else ""
        return f"\n{self.toml}\n== flow.seq\n{self.seq}{parts}\n== span\n{self.since} {self.until}\n"


# ---------------------------------------------------------------------------------- conditions

FIELDS = st.sampled_from([
    "score >= 2", "score < 3", "not (score > 2)", "score between 1 and 4", "score = 2", "score != 2", "score is empty",
    'stage = "Lead"', 'stage != "Lead"', 'stage in ["Lead", "Customer"]', 'stage not in ["Lead"]', "country is not empty",
    'country = "DE"', 'first_name contains "I"', 'first_name starts with "l"', "first_name is empty", "newsletter",
    "newsletter = no",
    "not newsletter", "trial_ends in the next 3 days", "trial_ends in the last 2 weeks", "trial_ends before 2026-03-06",
    "trial_ends after 2 days from today", "trial_ends is empty", "demo_at in the last 2 days", "demo_at before now",
    "demo_at after 2026-03-05T12:00+01:00", 'account.industry = "Software"', "account.employees > 10", "account is empty",
    'deal.stage = "Won"', 'deal.stage != "Won"', 'deal with (stage = "Won" and amount > 5)', "deal.amount is empty",
    'count(deal with (stage = "Open")) >= 2', 'subscriptions contains "news"', 'tagged "VIP"', 'in list "Expo"',
    'in view "Leads"',
    "unsubscribed", 'last_contacted_mode = "Not yet contacted"', 'last_contacted_mode = "Replied"',
])  # fmt: skip
FIRMS = [
    'industry = "Software"', "contact.score >= 2", "employees > 10", 'contact.stage != "Customer" and industry is not empty',
    "not (employees > 10)", 'contact.country = "DE" or employees < 10',
]  # fmt: skip
EVENTS = st.sampled_from([
    'event "login"', 'event "login" since entry', 'count(event "login") in the last 3 days >= 2',
    'count(event "buy" with amount > 5) >= 1', 'not event "buy" since entry', 'event "buy" with amount < 6',
])  # fmt: skip
ANY_STEP = st.sampled_from(["replied", "opened", "clicked", "bounced", "sent", "opened in the last 2 days"])


def step_facts(mails: tuple[str, ...], calls: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return what can be asked of steps that are named."""
    found = [ANY_STEP]
    if mails:
        of_mail = ["opened({})", "clicked({})", "replied({})", "sent({})", 'clicked({}, "https://x.example/a")', "not opened({})"]
        found.append(st.builds(lambda text, name: text.format(name), st.sampled_from(of_mail), st.sampled_from(mails)))
    if calls:
        of_call = ["done({})", 'outcome({}) = "No answer"', 'outcome({}) = "Connected"', "overdue({})", "not done({})"]
        found.append(st.builds(lambda text, name: text.format(name), st.sampled_from(of_call), st.sampled_from(calls)))
    return st.one_of(found)


@st.composite
def conditions(draw: st.DrawFn, mails: tuple[str, ...] = (), calls: tuple[str, ...] = (), *, facts: bool = True) -> str:
    """Make a condition of up to three parts."""
    if facts:
        atoms = st.one_of([FIELDS, FIELDS, EVENTS, *[step_facts(mails, calls)] * 3])
    else:  # of somebody who is not in
        atoms = st.one_of(FIELDS, FIELDS, EVENTS.filter(lambda text: "since entry" not in text))
    parts = draw(st.lists(atoms, min_size=1, max_size=3))
    text = parts[0]
    for part in parts[1:]:
        text = draw(st.sampled_from(["({}) and ({})", "({}) or ({})", "({}) and not ({})"])).format(text, part)
    return text


# --------------------------------------------------------------------------------------- steps

MAIL = '{{ subject: "s", text: "t"{} }}'
SOME = st.integers(0, 3)


@st.composite
def schedules(draw: st.DrawFn) -> str:
    """Make a `run` line."""
    zone = draw(st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]))
    what = draw(st.sampled_from([
        "daily at 09:00", "daily at 09:30", "daily at 02:30", "every 4 hours from 10:00", "every 2 days from 08:00",
        'cron "0 9 * * 1,3,5"',
        "every 1 day from 16:30",
    ]))  # fmt: skip
    days = draw(st.sampled_from(["", " except weekends", ' on calendar "Office"']))
    return f'run {what} in "{zone}"{days}'


@st.composite
def exits(draw: st.DrawFn, mails: tuple[str, ...], calls: tuple[str, ...], *, finished: bool = True) -> list[str]:
    """Make some `exit when` lines."""
    words = ["replied", "unsubscribed", "bounced", *(["finished"] * 2 if finished else [])]
    found = []
    if chosen := draw(st.lists(st.sampled_from(words), unique=True, max_size=4)):
        found.append("exit when " + ", ".join(chosen))
    if draw(st.booleans()):
        found.insert(draw(st.integers(0, len(found))), f"exit when {draw(conditions(mails, calls))}{draw(blocks())}")
    if draw(SOME) == 0:
        found.append("exit when account replied")
    return found


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """Make a block of statements, or none."""
    if draw(SOME):
        return ""
    return " { " + "; ".join(draw(st.lists(STATEMENTS, min_size=1, max_size=2))) + " }"


STATEMENTS = st.sampled_from([
    'set stage = "Qualified"', "set score = 5", "add score 2", 'tag "VIP"', 'untag "VIP"', 'add to list "Expo"',
    'remove from list "Expo"',
])  # fmt: skip


@st.composite
def manners(draw: st.DrawFn, *, window: bool = True) -> list[str]:
    """Make some lines of pace and manners."""
    possible = ["exclusive", "at most 1 messages a week", "at most 2 messages a week", "undeliverable skip",
        "skip when more than 2 days late", "skip when more than 5 hours late",
                "over limit skip", "over limit defer", "over limit fail"]  # fmt: skip
    if window:
        possible += ['window mon-fri 10:00-12:00 in contact timezone else "Europe/Berlin"', 'window calendar "Office"',
                     "window mon-fri 08:00-18:00"]  # fmt: skip
    found = draw(st.lists(st.sampled_from(possible), max_size=2, unique_by=lambda line: line[:6]))
    return found if draw(st.booleans()) else []


@st.composite
def audiences(draw: st.DrawFn) -> list[str]:
    """Make an audience, or none, with `admit`."""
    if draw(SOME) == 0:
        return []
    inner = draw(st.lists(st.sampled_from(['view "Leads"', "unique by country", "unique by first_name"]), max_size=1))
    inner += [f"where {draw(conditions(facts=False))}"] if draw(SOME) == 0 else []
    return [
        "audience { " + "; ".join(inner) + " }",
        *draw(st.sampled_from([[], [], ["admit at most 1 a day"], ["admit at most 3 a week"]])),
    ]


@st.composite
def steps(draw: st.DrawFn, kind: str, *, firms: bool = False) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """Make the steps of a sequence: their lines, the names of the mails and of the to-dos."""
    lines: list[str] = []
    mails: list[str] = []
    calls: list[str] = []
    day = 1
    for name in "abcdef"[: draw(st.integers(1, 5))]:
        channel = draw(st.sampled_from(["email", "email", "email", "sms", "call", "task"]))
        body = {
            "sms": '{ text: "t" }',
            "call": "{ due: 1 days }",
            "task": '{ title: "t", outcomes: ["No answer", "Connected"] }',
        }.get(channel)
        if body is None:
            body = MAIL.format(draw(st.sampled_from(["", "", ", unsubscribe: yes", ", review: yes"])))
        day += draw(st.sampled_from([0, 1, 1, 2, 4])) if lines else 0
        timing = f"on day {day}" if firms else draw(timings(kind, day, tuple(mails + calls)))
        asked = st.sampled_from(FIRMS) if firms else conditions(tuple(mails), tuple(calls))
        when = f" when {draw(asked)}" if draw(st.booleans()) else ""
        lines.append(f"step {name}: {channel} {timing}{when} {body}")
        if channel != "sms":
            (mails if channel == "email" else calls).append(name)
    return lines, tuple(mails), tuple(calls)


@st.composite
def timings(draw: st.DrawFn, kind: str, day: int, before: tuple[str, ...]) -> str:
    """Make what stands between a step's channel and its condition."""
    around = ["1 day before trial_ends", "2 days after trial_ends", "on trial_ends", "on demo_at", "on 2026-03-05"]
    after = draw(st.sampled_from(["", "after 1 day", "after 2 days", "after 6 hours", "after 1 week", "after 2 working days"]))
    if kind == "smart":
        return after
    if kind == "outbound":
        return draw(st.sampled_from(["", after]))
    if kind == "cadence" and before and draw(SOME) == 0:
        return f"{draw(st.sampled_from(['1 days', '3 days', '1 weeks', '5 hours']))} after {draw(st.sampled_from(before))}"
    return draw(st.sampled_from(around)) if draw(st.integers(0, 5)) == 0 else f"on day {day}"


@st.composite
def sequences(draw: st.DrawFn, name: str, kind: str, *, settings: bool = True) -> str:
    """Make a flow with runs."""
    firms = kind == "firms"
    kind = "classic" if firms else kind
    lines, mails, calls = draw(steps(kind, firms=firms))
    head = ['owner "ana@example.com"', draw(schedules())]
    if firms:
        head.append(f"audience {{ where {draw(st.sampled_from(FIRMS))} }}")
    elif kind != "cadence":
        head += draw(audiences())
    if settings:
        head += [line for line in draw(manners(window=kind != "smart")) if kind != "cadence" or not line.startswith("admit")]
    word = kind if kind == "cadence" else f"{kind} sequence"
    end = [f"exit when {draw(st.sampled_from([*FIRMS[1:], 'replied', 'account replied']))}", "exit when finished"]
    ends = end[: draw(st.integers(0, 2))] if firms else draw(exits(mails, calls))
    return f'{word} "{name}"{" for account" if firms else ""} {{\n  ' + "\n  ".join([*head, *lines, *ends]) + "\n}\n"


# --------------------------------------------------------------------------------------- people


@st.composite
def people(draw: st.DrawFn) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Make contacts, accounts and deals as CSV; the contacts' addresses."""
    names = PEOPLE[: draw(st.integers(2, 4))]
    columns = ("email", "first_name", "country", "score", "stage", "trial_ends", "demo_at", "newsletter", "phone",
        "timezone", "account",
               "subscriptions", "tags", "lists", "created_at")  # fmt: skip
    rows, addresses = [",".join(columns)], []
    for number, name in enumerate(names):
        address = draw(st.sampled_from([f"{name}@x.example"] * 5 + [f"{name}@y.example", f"{name}-invalid@"]))
        rows.append(",".join([
            address, draw(st.sampled_from([name.title(), ""])), draw(st.sampled_from(["DE", "AT", ""])),
            draw(st.sampled_from(["", "1", "2", "5"])),
            draw(st.sampled_from(["Lead", "Lead", "Customer", ""])), draw(st.sampled_from(["", "2026-03-01", "2026-03-05",
            "2026-03-09"])),
            draw(st.sampled_from(["", "2026-03-03T10:10+01:00"])), draw(st.sampled_from(["", "yes", "no"])),
            draw(st.sampled_from(["", "+4930123456", "+4930123456"])), draw(st.sampled_from(["", "America/New_York",
            "Europe/Berlin"])),
            draw(st.sampled_from(["", "acme.example", "acme.example", "beta.example"])),
            draw(st.sampled_from(["Non marketing emails"] * 4 + ["", "news;Non marketing emails"])),
            draw(st.sampled_from(["", "VIP"])), draw(st.sampled_from(["", "Expo"])),
            draw(st.sampled_from([f"2026-02-{20 + number}T12:00Z", "2026-03-03T13:13:00Z"])),
        ]))  # fmt: skip
        addresses.append(address)
    files = [("contacts", "\n".join(rows) + "\n")]
    firms = [f"acme.example,Acme,{draw(st.sampled_from(['Software', '']))},20", "beta.example,Beta,Software,5"]
    files.append(("accounts", "\n".join(["domain,name,industry,employees", *firms]) + "\n"))
    deals = []
    for number in range(draw(st.integers(0, 3))):
        stage, amount = draw(st.sampled_from(["Won", "Open", ""])), draw(st.sampled_from(["", "3", "9"]))
        # Not before the contact, whoever it is.
        deals.append(f"D{number},{draw(st.sampled_from(addresses))},{stage},{amount},2026-03-03T13:14:00Z")
    files.append(("deals", "name,contact,stage,amount,created_at\n" + "".join(f"{deal}\n" for deal in deals)))
    return tuple(files), tuple(addresses)


@st.composite
def happenings(draw: st.DrawFn, flows: tuple[str, ...], addresses: tuple[str, ...], days: int, kinds: tuple[str, ...]) -> str:
    """Make what happens: most at minutes of their own, some on the hour, where runs are."""
    words = ["opened", "opened", "clicked", "replied", "bounced", "unsubscribed", "completed", "completed", "event",
        "event", "changed",
             "enrolled", "enrolled", "unenrolled", "activity"]  # fmt: skip
    rows = []
    for flow in flows:
        for number, address in enumerate(addresses):
            if draw(st.booleans()):
                at = START + timedelta(hours=draw(st.integers(0, 30)), minutes=41 + number)
                rows.append(f"{at.isoformat(timespec='minutes')}Z,{address},enrolled,{flow},,")
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(words))
        minutes = draw(st.sampled_from([11 + number, 11 + number, 0]))
        at = START + timedelta(days=draw(st.integers(0, days - 1)), hours=draw(st.integers(0, 23)), minutes=minutes)
        of_flow = kind in {"opened", "clicked", "replied", "bounced", "completed", "enrolled", "unenrolled"}
        step = draw(st.sampled_from(["a", "b", "c", "d"])) if of_flow and not kind.endswith("enrolled") else ""
        flow = draw(st.sampled_from(flows)) if of_flow else ""
        if kind in {"changed", "event", "enrolled"} and {"accounts", "firms"} & set(kinds) and draw(st.booleans()):
            change = ["industry=Software", "industry=Food", "industry=", "employees=3", "employees=30"]
            told = {"changed": ["", "", draw(st.sampled_from(change))], "event": ["", "", "login"], "enrolled": [flow, "", ""]}
            firm = draw(st.sampled_from(["acme.example", "beta.example"]))
            rows.append(f"{at.isoformat(timespec='minutes')}Z,{firm},{kind},{','.join(told[kind])}")
            continue
        if kind == "changed" and "deals" in kinds and draw(st.booleans()):
            links = [f"contact={addresses[0]}", "contact="]
            change = draw(st.sampled_from(["stage=Won", "stage=Open", "amount=9", "amount=", *links]))
            rows.append(f"{at.isoformat(timespec='minutes')}Z,deal:D0,changed,,,{change}")
            continue
        rows.append(
            f"{at.isoformat(timespec='minutes')}Z,{draw(st.sampled_from(addresses))},{kind},{flow},{step},{draw(details(kind))}"
        )
    return "at,contact,kind,sequence,step,value\n" + "".join(f"{row}\n" for row in rows)


def details(kind: str) -> st.SearchStrategy[str]:
    """Return what may stand in the column `value`."""
    return st.sampled_from({
        "opened": ["", "", "machine"], "clicked": ["https://x.example/a/b", "https://x.example/c", "machine"],
        "replied": ["", "", "out of office", "out of office 2026-03-06"], "bounced": ["", "soft"],
        "completed": ["No answer", "Connected"],
        "event": ["login", "login", '"buy {""amount"": 7}"', '"buy {""amount"": 2}"'], "activity": ["Incoming call",
        "Chat", "Lunch"],
        "changed": ["owner=bo@example.com", "timezone=America/New_York", "account=acme.example", "account=",
        "score=4", "score=", "stage=Customer", "stage=Lead", "trial_ends=2026-03-06", "trial_ends=",
        "newsletter=yes", "country=CH"],
    }.get(kind, [""]))  # fmt: skip


@st.composite
def projects(draw: st.DrawFn, *kinds: str, days: int = 12, settings: bool = True) -> Made:
    """Make a whole project with one flow of each kind, its people and what happens to them."""
    from tests.oracle.strategies_free import FREE, free_flows

    names = "FGHI"[: len(kinds)]
    flows = [
        draw(sequences(name, kind, settings=settings)) if kind not in FREE else draw(free_flows(name, kind, names, kinds))
        for name, kind in zip(names, kinds, strict=True)
    ]
    files, addresses = draw(people())
    events = draw(happenings(tuple(names), addresses, days, kinds))
    most = draw(st.sampled_from([1, 2, 100, 100])) if settings else 100
    toml = SETTINGS.format(most=most, over=draw(st.sampled_from(["defer", "defer", "skip", "fail"])) if settings else "defer")
    toml += draw(st.sampled_from(PACE)) + draw(st.sampled_from(USERS)) if settings else ""
    since = draw(st.sampled_from(["2026-03-02T00:00+01:00", "2026-03-02T09:00+01:00", "2026-03-06T12:00+01:00"]))
    until = (START + timedelta(days=days)).date().isoformat() + "T00:00+01:00"
    return Made(toml, HEADER + "\n".join(flows), (*files, ("events", events)), since, until)
