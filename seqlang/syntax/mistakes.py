"""Mistakes by example: a better message for a place is one more sample here, which fails at that place.

A sample is a file that the parser refuses; its message is shown wherever the parser refuses a token of that kind in that state.
"""

from __future__ import annotations

from seqlang.frozen import Record


class Mistake(Record):
    """A kind of mistake and files that make it."""

    code: str
    message: str
    hint: str | None
    samples: tuple[str, ...]
    this_word: bool = False  # only of the very word at which the samples fail
    surely: bool = False  # said even where a repair would be found


def _when(condition: str) -> str:
    return f'view "v" of contact where {condition}'


def _flow(line: str) -> str:
    return f'journey "j" {{ {line} }}'


MISTAKES = (
    Mistake("SEQ108", "`is` goes with `empty` and `not empty` alone", 'to compare, write `=`, as in `stage = "Lead"`', (
        _when('stage is "Lead"'), _when("stage is 3"), _when("stage is yes"), _when("stage is Lead"),
        _when('stage is not "Lead"'),
        _when("stage is not Lead"), _when("stage is not 3"),
    ), surely=True),
    Mistake("SEQ128", "a `count` is compared with a number", "write for example `count(…) >= 2`", (
        _when('count(event "x")'), _when('count(event "x") and a'), _when('(count(event "x"))'), _when("count(deal)"),
        _when('count(event "x") since entry'), _when('count(event "x") in the last 3 days'),
    ), surely=True),
    Mistake("SEQ128", "an `outcome` names its step in brackets", 'write for example `outcome(ring) = "No answer"`', (
        _when('outcome = "x"'), _when('outcome != "x"'), _when('outcome in ["x"]'), _when('outcome is "x"'),
    ), surely=True),
    Mistake("SEQ128", "a comparison begins with a field", "write for example `score > 5`", (
        _when("5 < a"), _when('"x" = a'), _when("2026-03-02 < a"),
    ), surely=True),
    Mistake("SEQ128", "`and` and `or` join conditions, not values", 'for one of several values write `country in ["DE", "AT"]`', (
        _when('a = "x" or "y"'), _when('a = "x" and "y"'), _when("a = 1 or 2"), _when("a = 1 and 2"),
    ), surely=True),
    Mistake("SEQ128", "several values go in a list", 'write for example `country in ["DE", "AT"]`', (
        _when('a = "x", "y"'), _when("a = 1, 2"),
    )),
    Mistake("SEQ128", "an `outcome` is compared with a text", 'write for example `outcome(ring) = "No answer"`', (
        _when("outcome(ring)"), _when("outcome(ring) and a"), _when("(outcome(ring))"), _when('outcome "x"'), _when("outcome"),
    )),
    Mistake("SEQ128", "`in` is followed by a list, or by `the last` or `the next` and a duration",
    'write for example `country in ["DE", "AT"]`', (
        _when('country in "DE"'), _when("country in 3"), _when('country in ("DE")'), _when('country not in "DE"'),
        _when('country not in ("DE")'), _when("country in {}"),
    ), surely=True),
    Mistake("SEQ128", "`with` goes between a record and a condition in brackets",
    'write for example `deal with (stage = "Won")`', (
        _when("deal with 3"), _when('deal with "x"'),
    )),
    Mistake("SEQ128", "`in the` is followed by `last` or `next` and a duration", "write for example `in the last 3 days`", (
        _when("a in the 3 days"), _when("a in the past 3 days"), _when('event "x" in the 3 days'),
        _when('event "x" in the past 3 days'),
    )),
    Mistake("SEQ120", "the name of an event goes in quotes", 'write for example `event "login"`', (
        _when("event login"), "event login", _flow("enter on event login"), 'workflow "w" { on event login }',
        'test "t" { kim did event login }',
    )),
    Mistake("SEQ121", "a name is missing: the flow's, in quotes", 'write for example `classic sequence "Qualify new leads" {`', (
        "classic sequence {", "smart sequence {", "outbound sequence {", "cadence {", "workflow {", "journey {",
        "cadence for deal {",
    )),
    Mistake("SEQ121", "a flow begins with its kind, its name in quotes and a brace",
    'write for example `classic sequence "Qualify new leads" {`', (
        "sequence: Nurture leads", "flow: x", "steps: x", "name: x", "sequences: x",
    ), this_word=True),
    Mistake("SEQ101", "there are no functions in a condition",
    "compare a field, as in `score > 5`, join with `and` and `or`, ask with `is empty`", (
        _when("len(a) > 3"), _when("IF(a > 5, yes, no)"), _when("b and len(a) > 3"), _when("contact.len(a) > 3"),
        _when("a = lower(b)"), _when("a > date(b)"), _when("a = contact.lower(b)"),
    ), surely=True),
    Mistake("SEQ128", "what is asked of a step names it in brackets", "write for example `opened(hello)`", (
        _when("hello opened"), _when("hello clicked"), _when("hello bounced"), _when("hello sent"), _when("hello done"),
        _when("opened hello"), _when("clicked hello"), _when("replied hello"), _when("done hello"), _when("overdue hello"),
        _when("not opened hello"), _when("hello overdue"), _when("replied to hello"), _when("bounced hello"), _when("sent hello"),
    ), this_word=True, surely=True),
    Mistake("SEQ128", "what is asked of a step names it in brackets", "write for example `opened(hello)`", (
        _when("opened hello"), _when("done hello"),
    )),
    Mistake("SEQ128", "a count is of an event or of records", 'write for example `count(event "login") >= 3`', (
        _when('count("login") > 3'), _when('count "login" > 3'), _when("count login > 3"),
    ), surely=True),
    Mistake("SEQ128", "which records are counted is said by `with`",
    'write for example `count(deal with (stage = "Open")) >= 2`', (
        _when("count(deal where a)"), _when("count(deal when a)"),
    ), this_word=True, surely=True),
    Mistake("SEQ128", "how often something happened is asked by `count`", 'write for example `count(event "login") >= 3`', (
        _when('event "x" 3 times'), _when('event "x" > 3'), _when('event "x" >= 3'), _when('event "x" at'),
    ), surely=True),
    Mistake("SEQ128", "`in` needs to know in what: a view, a list or a sequence", 'write for example `in list "Expo 2026"`', (
        _when('in "x"'), _when('not in "x"'), _when('a and in "x"'),
    ), surely=True),
    Mistake("SEQ128", "how long ago is told by `in the last` or `before`",
    "write `in the last 7 days`, or `before 7 days before today`", (
        _when("a > 7 days ago"), _when("a < 7 days ago"), _when("a after 7 days ago"), _when("a before 7 days ago"),
        _when("a = 7 days ago"), _when("a older than 7 days"), _when("a newer than 7 days"), _when("a more recent than 7 days"),
    ), this_word=True, surely=True),
    Mistake("SEQ128", "days are not added with `+` and `-`", "write `3 days from today` or `3 days before today`", (
        _when("a > now - 3 days"), _when("a > today - 3 days"), _when("a before now - 3 days"), _when("a before today - 3 days"),
        _when("a after now - 3 days"), _when("a between today - 3 days and now"), _when("a > today -3 days"),
        _when("a > now -3 days"),
    ), surely=True),
    Mistake("SEQ128", "weeks and months are counted from today", "write `in the last 7 days`, or `in the next 7 days`", (
        _when("a this week"), _when("a in this week"), _when("a is this week"), _when("a = this week"),
        _when("a before next week"), _when("a after last week"), _when("a before next month"), _when("a after last month"),
    ), this_word=True, surely=True),
    Mistake("SEQ125", "a date is written year, month, day", "write for example `2026-03-01`", (
        _when("a after March 1 2026"), _when("a before March 1"), _when("a > March 1 2026"),
    )),
    Mistake("SEQ101", "several values go in a list", 'write for example `["Connected", "No answer"]`', (
        _flow('step a: call { outcomes: "x", "y" }'), _flow('step a: call { outcomes: "x", "y", b: 1 }'),
        _flow('step a: call {\n outcomes: "x", "y"\n b: 1 }'),
    )),
    Mistake("SEQ121", "a step after another one names it", "write for example `3 days after hello`, or `on day 3`", (
        _flow("step a: email 3 days after { }"), _flow("step a: email 3 days after when b { }"),
    )),
    Mistake("SEQ101", "a wait of some time goes without `until`", "write for example `wait 3 days`", (
        _flow("wait until 3 days"), _flow("wait until 3 days\n exit"),
    )),
    Mistake("SEQ101", "how many come in is said by `at most`", "write for example `admit at most 50 a day`", (
        _flow("admit 50 a day"), _flow("admit 50 per day"), _flow("admit max 50 a day"), _flow("admit up to 50 a day"),
    ), surely=True),
    Mistake("SEQ101", "a block goes in braces", "write `{` and `}`", (
        'classic sequence "x" (', 'classic sequence "x" [', 'journey "x" for deal (', "record x (",
        _flow("audience ("), _flow("step a: email ("), _flow("step a: email on day 1 ("), _flow("if a ["),
    )),
    Mistake("SEQ102", "this is no trigger",
    'triggers are `created`, `updated`, `change of FIELD`, `event "…"`, `entered "…"`, `exited "…"`, `overdue`, `outcome "…"`', (
        'workflow "w" { on stage change }', 'workflow "w" { on deal created }', 'workflow "w" { on "created" }',
        'workflow "w" { on new contact }',
    )),
    Mistake("SEQ101", "the value that a field changes to comes after `to`", 'write for example `on change of stage to "Won"`', (
        'workflow "w" { on change of stage = "Won" }',
        'workflow "w" { on change of stage is "Won" }', 'workflow "w" { on change of stage "Won" }',
    ), surely=True),
    Mistake("SEQ101", "a score is raised by `add FIELD NUMBER`", "write for example `add score 5`", (
        _flow("add 5 to score"), _flow("add 5 score"), _flow("add +5 score"),
    )),
    Mistake("SEQ101", "a list is named after `to list` and `from list`", 'write for example `add to list "Expo 2026"`', (
        _flow('remove list "x"'),
    )),
    Mistake("SEQ101", "`assign` is followed by a colleague", 'write for example `assign "ana@example.com"`', (
        _flow('assign to "x"'), _flow("assign to owner"), _flow('assign owner "x"'), _flow("assign owner = x"),
    ), surely=True),
    Mistake("SEQ101", "several colleagues take turns in a list", 'write for example `assign round robin ["ana@example.com"]`', (
        _flow('assign "x", "y"'), _flow('assign ["x", "y"], "z"'), _flow('assign round robin "x"'),
        _flow('assign round robin ("x")'),
    ), surely=True),
    Mistake("SEQ101", "a run on working days is a daily one",
    'write `run daily at 09:00 except weekends`; for single days `run cron "0 9 * * 1"`', (
        _flow("run every weekday at 09:00"), _flow("run every monday at 09:00"), _flow("run mondays at 09:00"),
        _flow("run weekdays at 09:00"), _flow("run weekly at 09:00"), _flow("run on mondays"), _flow("run mon-fri at 09:00"),
        _flow("run every day at 09:00"), _flow("run every week"), _flow("run at 09:00"), _flow("run at 09:00 daily"),
        _flow("run 09:00"), _flow("run hourly"), _flow("run monthly"),
    ), surely=True),
    Mistake("SEQ121", "a name comes after what it names", 'write for example `journey "Trial onboarding" {`', (
        '"Hot lead" {', '"Hot lead" for deal {', '"Hot lead" of contact',
    )),
    Mistake("SEQ125", "a time of day is missing", "write for example `daily at 09:30`", (
        _flow("run daily at 9"), _flow("run daily at"), _flow('run daily at "09:30"'), _flow('run daily at in "UTC"'),
    )),
    Mistake("SEQ121", "a window says its days and hours", "write for example `window mon-fri 09:00-17:00`", (
        _flow("window 09:00-17:00"), _flow("window"), _flow('window "x"'), _flow("window mon-fri"), _flow("window mon-fri 09:00"),
    )),
    Mistake("SEQ121", "the channel is missing", "a step is written `step NAME: CHANNEL { … }`, as in `step hello: email { … }`", (
        _flow("step a:"), _flow("step a: { }"), _flow('step a: "email" { }'),
    )),
    Mistake("SEQ121", "`on` is followed by a day or a date", "write for example `on day 3`", (
        _flow("step a: email on 3 { }"), _flow("step a: email on { }"), _flow("step a: email on"),
        _flow('step a: email on "x" { }'),
    )),
    Mistake("SEQ121", "`day` is followed by its number", "write for example `on day 3`", (
        _flow("step a: email on day three { }"), _flow('step a: email on day "3" { }'),
    )),
    Mistake("SEQ101", "the condition of a step comes after its time",
    "write for example `step a: email on day 3 when replied { … }`", (
        _flow("step a: email when replied on day 3 { }"), _flow("step a: email when replied after 3 days { }"),
        _flow("step a: email when not replied on day 3 { }"), _flow("step a: email when score > 5 on day 3 { }"),
        _flow('step a: email when stage = "Lead" on day 3 { }'), _flow("step a: email when newsletter on day 3 { }"),
        _flow("step a: email when opened(b) on day 3 { }"), _flow("step a: email when (replied) on day 3 { }"),
        _flow("step a: email when phone is empty on day 3 { }"),
    ), this_word=True, surely=True),
    Mistake("SEQ101", "the time of a step comes before its options",
    "write for example `step a: email on day 3 { … }`", (
        _flow("step a: email { } on day 3"), _flow("step a: email { } after 3 days"), _flow("step a: email { } when replied"),
        _flow('step a: email { x: "y" } on day 3'), _flow('step a: email { x: "y" } when replied'),
    ), this_word=True, surely=True),
    Mistake("SEQ101", "the time of a step comes after its channel",
    "write for example `step a: email on day 3 { … }`", (
        _flow("step a on day 1: email { }"), _flow("step a after 3 days: email { }"), _flow("step a when replied: email { }"),
    ), this_word=True, surely=True),
    Mistake("SEQ121", "a step begins with `step` and its name", "write for example `step hello: email on day 1 { … }`", (
        _flow("day 1: email { }"), _flow("email on day 1 { }"), _flow("call on day 1 { }"), _flow("sms on day 1 { }"),
        _flow("task on day 1 { }"), _flow("notify on day 1 { }"), _flow("webhook on day 1 { }"),
    ), this_word=True, surely=True),
    Mistake("SEQ101", "the block of an `if` goes in braces", 'write for example `if score > 5 { tag "hot" }`', (
        _flow("if a > 5: b"), _flow('if a = "x": b'), _flow("if replied: b"), _flow("if (a): b"),
        _flow('if (a) tag "x"'), _flow("if (a) set b = 1"), _flow("if (a) add b 1"), _flow("if (a) exit"),
        _flow("if (a) step b: email { }"), _flow('if a > 5 tag "x"'), _flow("if a > 5 exit"), _flow('if replied tag "x"'),
        _flow("if replied exit"),
    ), this_word=True, surely=True),
    Mistake("SEQ101", "`else` is followed by its block in braces", "write for example `} else { exit }`", (
        _flow("if a { } else: b"), _flow('if a { } else tag "x"'), _flow("if a { } else exit"), _flow("if a { } else set b = 1"),
    ), this_word=True, surely=True),
    Mistake("SEQ101", "`else` goes with an `if`", "write it after the `}` of one", (
        _flow("else { }"), _flow("exit; else { }"),
    ), this_word=True),
    Mistake("SEQ110", "a share of a split is a percentage", 'write for example `60% "plain" { … }`', (
        _flow('split "x" { "plain" { } }'), _flow('split "x" { plain 60% { } }'),
    )),
    Mistake("SEQ121", "a split names itself, in quotes", 'write for example `split "offer" { … }`', (
        _flow("split {"), _flow("split offer {"),
    )),
    Mistake("SEQ121", "a goal names itself, in quotes", 'write for example `goal "Activated" when …`', (
        _flow("goal when replied"), _flow("goal Activated when replied"),
    )),
    Mistake("SEQ121", "a field has a name and a type", "write for example `score number default 0`", (
        "record contact { score }", "record contact { score, name text }", 'record contact { "score" number }',
        "record contact { score default 0 }",
        "record contact { score: number }", "record contact { score = 0 }", 'event "x" { url }', 'event "x" { "url" text }',
    )),
    Mistake("SEQ121", "a `choice` lists what may be chosen", 'write for example `choice ["Lead", "Customer"]`', (
        "record contact { stage choice }", 'record contact { stage choice "Lead" }', 'record contact { stage choice ("Lead") }',
        'record contact { stage choice default "Lead" }',
    )),
    Mistake("SEQ121", "a view says of which records it is", 'write for example `view "Fresh leads" of contact where …`', (
        'view "x" where a', 'view "x" { }', 'view "x"',
    )),
    Mistake("SEQ121", "a list says of which records it is", 'write for example `list "Expo 2026" of contact`', (
        'list "x"', 'list "x" { }',
    )),
    Mistake("SEQ121", "a view needs its condition", 'write for example `view "Fresh leads" of contact where stage = "Lead"`', (
        'view "x" of contact', 'view "x" of contact { }',
    )),
    Mistake("SEQ101", "a holdout gets nothing", "leave the block out: `10% holdout`", (
        _flow('split "x" { 10% holdout { } }'),
    )),
    Mistake("SEQ101", "a sequence in a test is named without its kind", 'write for example `sequence "Qualify new leads"`', (
        'test "t" { classic sequence "x" }', 'test "t" { smart sequence "x" }', 'test "t" { outbound sequence "x" }',
    ), this_word=False),
    Mistake("SEQ101", "the day comes before what happens on it", "write for example `on day 3 kim replied to hello`", (
        'test "t" { kim replied to hello on day 3 }', 'test "t" { kim opened hello on day 3 }',
        'test "t" { kim clicked hello on day 3 }', 'test "t" { kim unsubscribed on day 3 }',
        'test "t" { expect hello to kim on day 3 }', 'test "t" { expect nothing to kim on day 3 }',
        'test "t" { kim bounced on hello on day 3 }',
    ), this_word=True, surely=True),
    Mistake("SEQ101", "what happens on a day comes after `on day`", "write for example `on day 3 kim replied to hello`", (
        'test "t" { day 2: kim replied to hello }', 'test "t" { day 2 kim replied to hello }',
        'test "t" { on day 2: kim replied to hello }',
    ), surely=True),
    Mistake("SEQ102", "this cannot be expected",
    "write for example `expect hello to kim`, `expect nothing to kim`, `expect kim in`", (
        'test "t" { expect no hello to kim }', 'test "t" { expect hello sent to kim }', 'test "t" { expect kim out }',
        'test "t" { expect kim gets hello }', 'test "t" { expect kim receives hello }', 'test "t" { expect kim to get hello }',
    )),
    Mistake("SEQ121", "a reason is missing", "write for example `expect kim exited because replied`", (
        'test "t" { expect kim exited }', 'test "t" { expect kim exited replied }',
    )),
)  # fmt: skip
