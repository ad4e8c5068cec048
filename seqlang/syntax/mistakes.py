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
    Mistake("SEQ108", "`is` stands only before `empty` and `not empty`", 'to compare, write `=`, as in `stage = "Lead"`', (
        _when('stage is "Lead"'), _when("stage is 3"), _when("stage is yes"), _when("stage is Lead"),
        _when('stage is not "Lead"'),
        _when("stage is not Lead"), _when("stage is not 3"),
    ), surely=True),
    Mistake("SEQ128", "a `count` is compared with a number", "write for example `count(…) >= 2`", (
        _when('count(event "x")'), _when('count(event "x") and a'), _when('(count(event "x"))'), _when("count(deal)"),
        _when('count(event "x") since entry'), _when('count(event "x") in the last 3 days'),
    ), surely=True),
    Mistake("SEQ128", "an `outcome` is compared with a text", 'write for example `outcome(ring) = "No answer"`', (
        _when("outcome(ring)"), _when("outcome(ring) and a"), _when("(outcome(ring))"), _when('outcome "x"'), _when("outcome"),
    )),
    Mistake("SEQ128", "behind `in` stands a list, or `the last` or `the next` and a duration",
    'write for example `country in ["DE", "AT"]`', (
        _when('country in "DE"'), _when("country in 3"), _when('country in ("DE")'), _when('country not in "DE"'),
        _when('country not in ("DE")'), _when("country in {}"),
    ), surely=True),
    Mistake("SEQ128", "before `with` stands a record, behind it a condition in brackets",
    'write for example `deal with (stage = "Won")`', (
        _when("deal with 3"), _when('deal with "x"'),
    )),
    Mistake("SEQ128", "behind `in the` stands `last` or `next` and a duration", "write for example `in the last 3 days`", (
        _when("a in the 3 days"), _when("a in the past 3 days"), _when('event "x" in the 3 days'),
        _when('event "x" in the past 3 days'),
    )),
    Mistake("SEQ120", "the name of an event stands in quotes", 'write for example `event "login"`', (
        _when("event login"), "event login", _flow("enter on event login"), 'workflow "w" { on event login }',
        'test "t" { kim did event login }',
    )),
    Mistake("SEQ121", "a name is missing: the flow's, in quotes", 'write for example `classic sequence "Qualify new leads" {`', (
        "classic sequence {", "smart sequence {", "outbound sequence {", "cadence {", "workflow {", "journey {",
        "cadence for deal {",
    )),
    Mistake("SEQ121", "before a name stands what it names", 'write for example `journey "Trial onboarding" {`', (
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
    Mistake("SEQ121", "behind `on` stands a day or a date", "write for example `on day 3`", (
        _flow("step a: email on 3 { }"), _flow("step a: email on { }"), _flow("step a: email on"),
        _flow('step a: email on "x" { }'),
    )),
    Mistake("SEQ121", "behind `day` stands its number", "write for example `on day 3`", (
        _flow("step a: email on day three { }"), _flow('step a: email on day "3" { }'),
    )),
    Mistake("SEQ101", "the condition of a step stands behind its time",
    "write for example `step a: email on day 3 when replied { … }`", (
        _flow("step a: email when replied on day 3 { }"), _flow("step a: email when replied after 3 days { }"),
    )),
    Mistake("SEQ101", "`else` goes with an `if`", "write it behind the `}` of one", (
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
    Mistake("SEQ121", "a reason is missing", "write for example `expect kim exited because replied`", (
        'test "t" { expect kim exited }', 'test "t" { expect kim exited replied }',
    )),
)  # fmt: skip
