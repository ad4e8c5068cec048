"""What a flow becomes, kind by kind: keys, blocks, windows, timings, channels."""

from __future__ import annotations

import pytest

from seqlang.plan.conditions import Choose, FieldRef, FlowOwner, LinkStep, ListValue, Literal_, StepRef, Template, Word
from seqlang.plan.model import ActNode, AfterEntry, AfterPrevious, AfterStep, AroundMoment, BranchNode, OnDay, OnRecord, StepNode
from tests.semantics.reading import FIELDS, check, classic, codes, plan_of


def step(body: str, name: str = "b", *, before: str = FIELDS) -> StepNode:
    node = plan_of(before + classic(body), name="S").node(name)
    assert isinstance(node, StepNode)
    return node


def test_steps_of_a_sequence_stand_in_file_order_and_know_the_next() -> None:
    plan = plan_of(classic("step c: call on day 9 { }\nstep b: call on day 3 { }"))
    assert [(n.key, getattr(n, "next", None)) for n in plan.nodes] == [("hello", "c"), ("c", "b"), ("b", None)]
    assert plan.first is None


def test_the_blocks_of_exits_hang_on_their_rules() -> None:
    plan = plan_of(FIELDS + classic('exit when score > 5 { tag "hot"; set stage = "Customer" }'))
    assert [r.first for r in plan.exits] == ["exit:1/tag:1", None]
    block = plan.node("exit:1/tag:1")
    assert isinstance(block, ActNode)
    assert block.next == "exit:1/set:1"


def test_a_channel_says_what_a_step_is() -> None:
    email = step('step b: email on day 3 { template: "b.html" }')
    assert (email.effect, email.address, email.limit, email.draft) == ("message", "email", "email", False)
    call = step("step b: call on day 3 { due: 2 days }")
    assert (call.effect, call.address, call.activity) == ("todo", None, "Call")
    assert call.outcomes == ("Connected", "No answer", "Voicemail", "Wrong number")
    assert call.due is not None
    assert call.due.count == 2
    review = step('step b: email on day 3 { template: "b.html", review: yes }')
    assert review.draft
    reminder = step('step b: email_reminder on day 3 { template: "b.html" }')
    assert reminder.draft


@pytest.mark.parametrize("to", ["owner", '"bo@example.com"', "contact.owner", "contact.owner.manager.email"])
def test_mail_to_colleagues_is_free_of_the_contacts_rules(to: str) -> None:
    node = step(f'step b: email on day 3 {{ template: "b.html", to: {to} }}')
    assert (node.address, node.limit) == (None, None)


def test_values_of_options_are_typed() -> None:
    node = step("""step b: email on day 3 {
      template: choose { "de.html" when country = "DE"; "en.html" otherwise }
      subject: "Hi {{ contact.first_name }}"
      reply_to_step: hello
      track: [opens]
      cc: [owner, "bo@example.com", contact.owner.manager]
    }""")  # fmt: skip
    assert isinstance(node.option("template"), Choose)
    assert node.option("subject") == Template(source="Hi {{ contact.first_name }}")
    assert node.option("reply_to_step") == StepRef(step="hello")
    assert node.option("track") == ListValue(items=(Word(word="opens"),))
    manager = FieldRef(
        record="contact", links=(LinkStep(field="owner", record="user"), LinkStep(field="manager", record="user")), field="email",
        type="email")  # fmt: skip
    assert node.option("cc") == ListValue(items=(FlowOwner(), Literal_(type="text", value="bo@example.com"), manager))
    assert node.placeholders == ("contact.first_name",)


def test_timings_of_the_kinds() -> None:
    assert step("step b: call on day 3 { }").timing == OnDay(day=3)
    around = step("step b: call 30 days before trial_ends { }").timing
    assert isinstance(around, AroundMoment)
    assert around.sign == -1
    assert isinstance(step("step b: call on trial_ends { }").timing, AroundMoment)
    head = "run daily at 09:00\n step a: call { }\n step b: call after 2 days { }"
    assert isinstance(plan_of(f'smart sequence "S" {{ {head} }}').steps[1].timing, AfterEntry)
    assert isinstance(plan_of(f'outbound sequence "S" {{ {head} }}').steps[1].timing, AfterPrevious)
    cadence = 'cadence "S" { run daily at 09:00\n step a: call on day 1 { }\n step b: call 2 days after a { } }'
    assert isinstance(plan_of(cadence).steps[1].timing, AfterStep)


def test_keys_of_statements_do_not_move_when_something_else_is_added() -> None:
    before = plan_of('event "e" { }\njourney "J" { enter on event "e"\n wait 2 days\n if tagged "a" { tag "x" }\n wait 3 days }')
    after = plan_of(
        'event "e" { }\njourney "J" { enter on event "e"\n tag "new"\n wait 2 days\n'
        ' if tagged "a" { wait 1 day; tag "x" }\n wait 3 days }'
    )
    assert {n.key for n in before.nodes} == {"wait:1", "if:1", "if:1.1/tag:1", "wait:2"}
    assert {n.key for n in before.nodes} < {n.key for n in after.nodes}


def test_a_branch_without_else_goes_on_behind_it() -> None:
    plan = plan_of('event "e" { }\njourney "J" { enter on event "e"\n if tagged "a" { tag "x" }\n untag "a" }')
    branch = plan.node("if:1")
    assert isinstance(branch, BranchNode)
    assert branch.otherwise == "untag:1"
    assert branch.arms[0][1] == "if:1.1/tag:1"


def test_a_workflow_knows_what_changed_to_what() -> None:
    plan = plan_of('workflow "W" for deal { on change of stage to "Won" when amount > 5\n tag "won" }')
    trigger = plan.triggers[0]
    assert isinstance(trigger, OnRecord)
    assert (trigger.fields, trigger.to) == (("stage",), Literal_(type="text", value="Won"))


def test_the_calendar_of_the_runs_counts_the_working_days() -> None:
    plan = plan_of(
        'calendar "Office" { open mon-thu 09:00-17:00 }\n'
        'classic sequence "S" { run daily at 10:00 on calendar "Office"\n step a: call on day 1 { } }'
    )
    assert plan.working is not None
    assert plan.working.openings[0].days == (0, 1, 2, 3)


def test_a_window_has_the_flows_zone_where_it_names_none() -> None:
    plan = plan_of(classic(head="window mon-fri 08:00-18:00"))
    assert plan.manners.window is not None
    assert plan.manners.window.zone == "Europe/Berlin"


def test_the_zone_of_the_window_is_the_flows_where_there_are_no_runs() -> None:
    plan = plan_of(
        'event "e" { }\njourney "J" { enter on event "e"\n'
        ' window mon-fri 08:00-18:00 in contact timezone else "Asia/Tokyo"\n tag "x" }'
    )
    assert plan.zone == "Asia/Tokyo"


def test_attachments_are_kept_by_their_hash() -> None:
    checked = check(classic('step b: email on day 3 { template: "b.html", attachments: ["a.pdf"] }'), files={"a.pdf": b"%PDF"})
    assert checked.plan is not None
    assert b"%PDF" in checked.contents.values()


def test_a_text_field_of_an_event_needs_no_declaration_to_be_asked() -> None:
    assert codes(classic(head='audience { where event "x" with n > 3 }')) == ["SEQ220"]


def test_the_subject_may_come_from_the_template() -> None:
    front = {"hello.html": "x", "b.html": "---\nsubject: Hello\n---\nHi"}
    assert "SEQ406" not in codes(classic('step b: email on day 3 { template: "b.html" }'), templates=front)
    assert "SEQ406" in codes(classic('step b: email on day 3 { template: "hello.html" }'), templates=front)


def test_a_contact_has_no_deal_of_its_own_in_placeholders() -> None:
    assert "SEQ440" in codes(classic('step b: sms on day 3 { text: "{{ deal.name }}" }'))
    assert "SEQ440" not in codes(
        'journey "J" for deal { enter when amount > 5\n step b: sms { text: "{{ deal.name }} {{ contact.first_name }}" } }'
    )


def test_loops_and_filters_of_templates_are_understood() -> None:
    text = "{% set name = contact.first_name | default('you') %}{% for n in range(3) %}{{ loop.index }}{{ name }}{% endfor %}"
    assert codes(classic(f'step b: sms on day 3 {{ text: "{text}" }}')) == []


@pytest.mark.parametrize("size", [25, 26])
def test_a_plan_counts_steps(size: int) -> None:
    from seqlang.vocabulary.settings import ProjectSettings

    body = "\n".join(f"step s{n}: call on day {n} {{ }}" for n in range(2, size + 1))
    assert ("SEQ702" in codes(classic(body), settings=ProjectSettings(plan="freshsales.growth"))) == (size > 25)


def test_a_deep_condition_is_read_and_a_deeper_one_refused() -> None:
    def nested(depth: int) -> str:
        return classic(head="audience { where " + "not (" * depth + "phone is empty" + ")" * depth + " }")

    assert not [c for c in codes(nested(50)) if c < "SEQ6"]
    assert check(nested(150)).plan is None


@pytest.mark.parametrize(("word", "found"), [("sequence", []), ("journey", []), ("cadence", ["SEQ541"])])
def test_a_test_may_call_any_flow_a_sequence(word: str, found: list[str]) -> None:
    text = 'event "go"\njourney "J" { enter on event "go"\n step b: task { title: "x" } }\n'
    body = 'start 2026-03-02T08:00\n contact kim { email: "kim@x.example" }\n on day 1 expect b to kim'
    played = f'test "t" {{\n {word} "J"\n {body}\n}}'
    assert [c for c in codes(text + played) if c == "SEQ541"] == found
