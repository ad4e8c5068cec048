"""Pace and manners in sequences: limits, pace, windows, lateness, holds (LANGUAGE 5.8)."""

from __future__ import annotations

from sqlalchemy import event, select, update

from seqlang.runtime.tick import tick
from seqlang.simulation.delivering import settle_planned
from seqlang.simulation.scenario import NewRecord, Value
from seqlang.store import Store, tables
from seqlang.vocabulary.settings import PlanSettings, ProjectSettings, UserSettings
from tests.engine.playing import World, contact, instant

SMTP = {"email": {"default": {"smtp": "smtp://localhost:2525"}}}


def limited(**plan: int | str) -> ProjectSettings:
    """Return settings with a plan of one's own."""
    return ProjectSettings(channels=SMTP, plan="tiny", plans={"tiny": PlanSettings(**plan)})  # type: ignore[arg-type]


def mail(name: str, timing: str = "on day 1", when: str = "") -> str:
    """Return an email step."""
    return f'step {name}: email {timing} {when} {{ subject: "s", text: "t" }}\n'


def flow(steps: str, body: str = "", *, name: str = "F", kind: str = "classic", run: str = 'daily at 09:00 in "UTC"') -> str:
    """Return a sequence that takes everybody."""
    return f'{kind} sequence "{name}" {{\n owner "ana@example.com"\n run {run}\n audience {{ }}\n{steps}{body}}}\n'


def born(email: str, created: str, **values: Value) -> NewRecord:
    """Return a contact that was created at an instant."""
    made = contact(email, created_at=instant(created), **values)
    return NewRecord(made.record, made.values, created_at=instant(created))


PEOPLE = [born(f"p{n}@x.example", f"2026-02-0{5 - n}T00:00") for n in (1, 2, 3, 4)]  # p4 was created first


def test_over_a_days_limit_the_oldest_go_first_and_the_others_the_next_day(store: Store) -> None:
    world = World.of(flow(mail("a")), "2026-03-02T08:00", PEOPLE, settings=limited(emails_per_user_per_day=2), store=store)
    world.to("2026-03-05T00:00")
    assert world.lines("executed") == [
        "2026-03-02 09:00 p3 executed a",
        "2026-03-02 09:00 p4 executed a",
        "2026-03-03 09:00 p1 executed a",
        "2026-03-03 09:00 p2 executed a",
    ]
    assert world.lines("deferred") == ["2026-03-02 09:00 p1 deferred a : limit", "2026-03-02 09:00 p2 deferred a : limit"]


def test_flows_take_from_a_limit_in_the_order_of_the_tick() -> None:
    text = flow(mail("a"), name="B") + flow(mail("a"), name="A")
    world = World.of(text, "2026-03-02T08:00", PEOPLE[:2], settings=limited(emails_per_user_per_day=3)).to("2026-03-02T12:00")
    assert world.lines("executed", flow="A") == ["2026-03-02 09:00 p1 executed a", "2026-03-02 09:00 p2 executed a"]
    assert world.lines("executed", flow="B") == ["2026-03-02 09:00 p2 executed a"]


def test_limit_counts_days_in_the_owners_zone() -> None:
    users = [UserSettings(email="ana@example.com", timezone="America/New_York")]
    text = flow(mail("a"), run='every 6 hours in "UTC"')  # New York's day begins at 05:00 UTC
    world = World.of(text, "2026-03-02T23:00", PEOPLE[:2], users=users, settings=limited(emails_per_user_per_day=1))
    assert world.to("2026-03-04T00:00").lines("executed") == ["2026-03-03 00:00 p2 executed a", "2026-03-03 06:00 p1 executed a"]


def test_over_limit_skip_goes_on_without_and_fail_fails() -> None:
    for word, what in (("skip", "skipped"), ("fail", "failed")):
        world = World.of(
            flow(mail("a") + mail("b", "on day 2"), f"over limit {word}\n"),
            "2026-03-02T08:00",
            PEOPLE[:2],
            settings=limited(emails_per_user_per_day=1),
        )
        assert world.to("2026-03-02T12:00").lines()[-1] in {
            f"2026-03-02 09:00 p1 {what} a : limit",
            "2026-03-02 09:00 p2 executed a",
        }
        assert f"2026-03-02 09:00 p1 {what} a : limit" in world.lines()


def test_limit_for_good_skips() -> None:
    world = World.of(
        flow(mail("a") + mail("b", "on day 2"), "exit when finished\n"),
        "2026-03-02T08:00",
        PEOPLE[:2],
        settings=limited(emails_total=3),
    )
    assert world.to("2026-03-05T00:00").lines("skipped", "exited") == [
        "2026-03-03 09:00 p1 skipped b : limit",
        "2026-03-03 09:00 p1 exited : finished",
        "2026-03-03 09:00 p2 exited : finished",
    ]


def test_message_that_is_cancelled_gives_its_place_back() -> None:
    text = flow(mail("a"), "exit when unsubscribed\n", run='every 4 hours in "UTC"')
    world = World.of(text, "2026-03-02T07:00", PEOPLE[:2], settings=limited(emails_per_user_per_day=1)).to("2026-03-02T09:00")
    assert world.lines("executed") == ["2026-03-02 08:00 p2 executed a"]
    with world.store.begin() as conn:  # as if the unsubscription had come before the delivery
        conn.execute(update(tables.ledger).where(tables.ledger.c.what == "executed").values(state="cancelled"))
    world.add(born("new@x.example", "2026-03-02T09:00"))
    assert world.to("2026-03-02T13:00").lines("executed")[-1] == "2026-03-02 12:00 new executed a"


def test_step_over_the_limit_holds_back_later_days_but_not_its_own() -> None:
    steps = mail("a") + 'step t: task on day 1 { title: "t" }\n' + 'step u: task on day 2 { title: "t" }\n'
    world = World.of(flow(steps), "2026-03-02T08:00", PEOPLE[:2], settings=limited(emails_per_user_per_day=1)).to(
        "2026-03-06T00:00"
    )
    assert [line for line in world.lines("executed") if " p1 " in line] == [
        "2026-03-02 09:00 p1 executed t",
        "2026-03-03 09:00 p1 executed a",
        "2026-03-04 09:00 p1 executed u",
    ]


def test_step_that_can_go_only_later_in_the_run_takes_a_place_that_is_left() -> None:
    steps = mail("a") + mail("b", "on day 1", "when sent(a)")
    world = World.of(flow(steps), "2026-03-02T08:00", PEOPLE[:2], settings=limited(emails_per_user_per_day=3)).to(
        "2026-03-02T12:00"
    )
    assert world.lines("executed") == [
        "2026-03-02 09:00 p1 executed a",
        "2026-03-02 09:00 p2 executed a",
        "2026-03-02 09:00 p2 executed b",
    ]
    assert world.lines("deferred") == ["2026-03-02 09:00 p1 deferred b : limit"]


def test_smart_step_over_the_limit_is_chosen_anew_at_the_first_run_of_the_next_window() -> None:
    text = flow(mail("a", "") + 'step t: task { title: "t" }\n', kind="smart", run='every 6 hours in "UTC"')
    world = World.of(text, "2026-03-02T05:00", PEOPLE[:2], settings=limited(emails_per_user_per_day=1)).to("2026-03-03T07:00")
    assert [line for line in world.lines() if " p1 " in line] == [
        "2026-03-02 06:00 p1 entered",
        "2026-03-02 06:00 p1 deferred a : limit",
        "2026-03-03 00:00 p1 executed a",
        "2026-03-03 06:00 p1 executed t",
    ]


def test_message_a_week_to_one_contact_waits_for_the_first_run_with_room() -> None:
    text = flow(mail("a") + mail("b", "on day 2") + mail("c", "on day 3"), "at most 2 messages a week\n")
    world = World.of(text, "2026-03-02T08:00", PEOPLE[:1]).to("2026-03-20T00:00")
    assert world.lines("executed", "deferred") == [
        "2026-03-02 09:00 p1 executed a",
        "2026-03-03 09:00 p1 executed b",
        "2026-03-04 09:00 p1 deferred c : pace",
        "2026-03-09 09:00 p1 executed c",
    ]


def test_pace_over_all_flows_counts_the_messages_of_others() -> None:
    settings = ProjectSettings.model_validate({"channels": SMTP, "pace": {"messages_per_contact_per_week": 1}})
    text = flow(mail("a"), name="A") + flow(mail("b"), name="B")
    world = World.of(text, "2026-03-02T08:00", PEOPLE[:1], settings=settings).to("2026-03-12T00:00")
    assert world.lines("executed", "deferred") == [
        "2026-03-02 09:00 A / p1 executed a",
        "2026-03-02 09:00 B / p1 deferred b : pace",
        "2026-03-09 09:00 B / p1 executed b",
    ]


def test_pace_of_a_domain_lets_the_oldest_go_first() -> None:
    settings = ProjectSettings.model_validate({"channels": SMTP, "pace": {"messages_per_domain_per_day": 2}})
    people = [*PEOPLE[:3], born("o@y.example", "2026-02-20T00:00")]
    world = World.of(flow(mail("a")), "2026-03-02T08:00", people, settings=settings).to("2026-03-05T00:00")
    assert world.lines("executed") == [
        "2026-03-02 09:00 o executed a",
        "2026-03-02 09:00 p2 executed a",
        "2026-03-02 09:00 p3 executed a",
        "2026-03-03 09:00 p1 executed a",
    ]


def test_quiet_holds_messages_but_not_todos() -> None:
    settings = ProjectSettings.model_validate({"channels": SMTP, "pace": {"quiet": "Closed"}})
    head = 'calendar "Closed" {\n timezone "UTC"\n open mon-sun 08:00-20:00\n closed 2026-03-02\n}\n'
    text = head + flow(mail("a") + 'step t: task on day 1 { title: "t" }\n')
    world = World.of(text, "2026-03-02T08:00", PEOPLE[:1], settings=settings).to("2026-03-04T00:00")
    assert world.lines("executed", "deferred") == [
        "2026-03-02 09:00 p1 deferred a : window",
        "2026-03-02 09:00 p1 executed t",
        "2026-03-03 08:00 p1 executed a",
    ]


def test_window_excludes_its_end_and_the_contacts_own_zone_counts() -> None:
    text = flow(mail("a"), 'window mon-fri 08:00-09:00 in contact timezone else "UTC"\n')
    people = [
        contact("utc@x.example"),
        contact("rome@x.example", timezone="Europe/Rome"),
        contact("lis@x.example", timezone="nowhere"),
    ]
    world = World.of(text, "2026-03-02T08:00", people).to("2026-03-04T00:00")
    assert sorted(world.lines("executed")) == [
        "2026-03-03 07:00 rome executed a",
        "2026-03-03 08:00 lis executed a",
        "2026-03-03 08:00 utc executed a",
    ]


def test_message_more_than_its_lateness_late_does_not_go() -> None:
    text = flow(mail("a") + mail("b", "on day 2") + 'step t: task on day 2 { title: "t" }\n', "skip when more than 2 days late\n")
    world = World.of(text, "2026-03-02T08:00", PEOPLE[:1])
    for at in ("2026-03-02T09:00", "2026-03-06T09:00"):
        world.now = instant(at)
        world.tick()
    assert world.lines("executed", "skipped") == [
        "2026-03-02 09:00 p1 executed a",
        "2026-03-06 09:00 p1 skipped b : late",
        "2026-03-06 09:00 p1 executed t",
    ]


def test_who_is_away_is_held_until_the_return_date_and_exits_are_looked_at() -> None:
    text = flow(mail("a") + mail("b", "on day 2") + mail("c", "on day 3"), "exit when replied, unsubscribed\n")
    world = World.of(text, "2026-03-02T08:00", [*PEOPLE[:1], contact("q@x.example")]).to("2026-03-02T12:00")
    with world.store.begin() as conn:
        settle_planned(conn)
    world.tell("p1@x.example", "replied", "F", "a", "out of office 2026-03-06")
    world.tell("q@x.example", "replied", "F", "a", "out of office 2026-03-06")
    world.to("2026-03-03T12:00")
    world.tell("q@x.example", "unsubscribed")
    world.to("2026-03-10T00:00")
    assert world.lines("executed", "exited")[2:] == [
        "2026-03-04 09:00 q exited : unsubscribed",
        "2026-03-06 09:00 p1 executed b",
        "2026-03-07 09:00 p1 executed c",
    ]


def test_date_of_a_record_that_moves_takes_its_step_along_and_an_empty_one_holds_nothing_back() -> None:
    head = "record contact { ends date }\n"
    steps = mail("before", "3 days before ends") + mail("a") + mail("b", "on day 2")
    text = head + flow(steps, "exit when finished\n")
    people = [
        contact("kim@x.example", ends=instant("2026-03-20T00:00").date()),
        contact("lou@x.example"),
        contact("max@x.example", ends=instant("2026-03-03T00:00").date()),
    ]
    world = World.of(text, "2026-03-02T08:00", people).to("2026-03-04T12:00")
    world.tell("kim@x.example", "changed", value="ends=2026-03-09")
    world.to("2026-03-20T00:00")
    assert [line for line in world.lines("executed", "skipped", "exited") if "lou" not in line] == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-02 09:00 max skipped before : late",
        "2026-03-02 09:00 max executed a",
        "2026-03-03 09:00 kim executed b",
        "2026-03-03 09:00 max executed b",
        "2026-03-03 09:00 max exited : finished",
        "2026-03-06 09:00 kim executed before",
        "2026-03-06 09:00 kim exited : finished",
    ]
    assert world.lines("exited")[0] == "2026-03-03 09:00 lou exited : finished"


def test_undeliverable_skip_goes_on_without_the_step() -> None:
    steps = mail("a") + 'step t: task on day 2 { title: "t" }\n'
    people = [contact("nowhere"), contact("una@x.example", subscriptions=())]
    world = World.of(flow(steps, "undeliverable skip\n"), "2026-03-02T08:00", people).to("2026-03-04T00:00")
    assert sorted(world.lines("skipped", "executed")) == [
        "2026-03-02 09:00 nowhere skipped a : undeliverable",
        "2026-03-02 09:00 una skipped a : undeliverable",
        "2026-03-03 09:00 nowhere executed t",
        "2026-03-03 09:00 una executed t",
    ]


def test_text_without_a_number_or_after_stop_is_skipped() -> None:
    text = flow('step a: sms on day 1 { text: "t" }\nstep b: sms on day 2 { text: "t" }\n')
    world = World.of(text, "2026-03-02T08:00", [contact("kim@x.example", phone="+4930123456"), contact("lou@x.example")])
    world.to("2026-03-02T12:00")
    world.tell("kim@x.example", "replied", "F", "a", "STOP")
    world.to("2026-03-04T00:00")
    assert sorted(world.lines("skipped", "executed")) == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-02 09:00 lou skipped a : no_phone",
        "2026-03-03 09:00 kim skipped b : stopped",
        "2026-03-03 09:00 lou skipped b : no_phone",
    ]


def test_message_keeps_in_its_contact_that_it_went() -> None:
    text = flow(mail("a") + 'step b: sms on day 2 { text: "t" }\n')
    world = World.of(text, "2026-03-02T08:00", [contact("kim@x.example", phone="+4930123456")])
    assert world.field("contact", "kim@x.example", "last_contacted_mode") == "Not yet contacted"
    world.to("2026-03-02T12:00")
    assert world.field("contact", "kim@x.example", "last_contacted_mode") == "No reply"
    world.to("2026-03-04T00:00")
    assert world.field("contact", "kim@x.example", "last_activity_type") == "SMS"


def test_exit_cancels_what_is_planned_and_finished_leaves_it() -> None:
    steps = mail("a") + 'step t: task on day 1 { title: "t" }\n'
    world = World.of(flow(steps, "exit when finished\n"), "2026-03-02T08:00", PEOPLE[:1]).to("2026-03-02T12:00")
    other = World.of(flow(steps, "exit when unsubscribed\n"), "2026-03-02T08:00", PEOPLE[:1]).to("2026-03-02T12:00")
    other.tell("p1@x.example", "unsubscribed")
    other.to("2026-03-04T00:00")
    states = select(tables.ledger.c.state).where(tables.ledger.c.what == "executed")
    with world.store.read() as conn, other.store.read() as there:
        assert conn.execute(states).scalars().all() == ["planned", "planned"]
        assert there.execute(states).scalars().all() == ["cancelled", "cancelled"]


def test_block_after_an_exit_happens_on_the_way_out_after_the_line() -> None:
    head = 'list "L" of contact\nrecord contact { score number }\n'
    body = 'exit when title = "won" { add score 5; add to list "L" }\n'
    world = World.of(head + flow(mail("a") + mail("b", "on day 9"), body), "2026-03-02T08:00", PEOPLE[:1]).to("2026-03-02T12:00")
    world.tell("p1@x.example", "changed", value="title=won")
    world.to("2026-03-04T00:00")
    assert world.lines()[-3:] == [
        "2026-03-03 09:00 p1 exited : condition",
        "2026-03-03 09:00 p1 executed add",
        "2026-03-03 09:00 p1 executed add",
    ]
    assert world.field("contact", "p1@x.example", "score") == 5


def test_exit_that_a_step_of_the_same_run_makes_hold_comes_before_the_next_step() -> None:
    world = World.of(flow(mail("a") + mail("b"), "exit when sent(a)\n"), "2026-03-02T08:00", PEOPLE[:1])
    assert world.to("2026-03-04T00:00").lines("executed", "exited") == [
        "2026-03-02 09:00 p1 executed a",
        "2026-03-02 09:00 p1 exited : condition",
    ]


def test_exit_that_a_step_makes_hold_comes_at_the_next_run_though_the_next_step_is_days_away() -> None:
    steps = mail("a", "on day 1") + mail("b", "on day 5")
    world = World.of(flow(steps, "exit when sent(a)\n"), "2026-03-02T08:00", PEOPLE[:1])
    assert world.to("2026-03-09T00:00").lines("executed", "exited") == [
        "2026-03-02 09:00 p1 executed a",
        "2026-03-03 09:00 p1 exited : condition",
    ]


def test_reply_of_anyone_at_the_account_ends_it_for_all() -> None:
    records = [
        NewRecord("account", {"name": "Acme", "domain": "acme.example"}),
        contact("kim@acme.example", account="acme.example"),
        contact("lou@acme.example", account="acme.example"),
        contact("max@x.example"),
    ]
    world = World.of(flow(mail("a") + mail("b", "on day 3"), "exit when account replied\n"), "2026-03-02T08:00", records)
    world.to("2026-03-02T12:00")
    world.tell("kim@acme.example", "replied", "F", "a")
    assert world.to("2026-03-05T00:00").lines("exited") == [
        "2026-03-03 09:00 kim exited : replied",
        "2026-03-03 09:00 lou exited : replied",
    ]


def test_a_thousand_people_at_the_limit_take_as_many_statements_as_ten() -> None:
    def statements(people: int) -> int:
        settings = limited(emails_per_user_per_day=5)
        world = World.of(
            flow(mail("a")), "2026-03-02T08:00", [contact(f"p{n}@x.example") for n in range(people)], settings=settings
        )
        seen: list[str] = []
        event.listen(world.store.engine, "after_cursor_execute", lambda *found: seen.append(found[2]))
        tick(world.store, instant("2026-03-02T09:00"))
        # PostgreSQL is told to look at tables that have grown: for many people, and not for each.
        return sum("ANALYZE" not in statement and "pg_stat_user_tables" not in statement for statement in seen)

    statements(1)  # plans are read once
    assert statements(1000) == statements(10)


def test_over_a_limit_that_retries_once_the_step_fails_the_second_time() -> None:
    limit = {"name": "one", "what": "email", "count": 1, "over": "retry once"}
    settings = ProjectSettings.model_validate({"channels": SMTP, "plan": "tiny", "plans": {"tiny": {"limits": [limit]}}})
    world = World.of(flow(mail("a")), "2026-03-02T08:00", PEOPLE[:3], settings=settings).to("2026-03-06T00:00")
    assert world.lines("executed", "deferred", "failed") == [
        "2026-03-02 09:00 p1 deferred a : limit",
        "2026-03-02 09:00 p2 deferred a : limit",
        "2026-03-02 09:00 p3 executed a",
        "2026-03-03 09:00 p1 failed a : limit",
        "2026-03-03 09:00 p2 executed a",
    ]


def test_limit_of_a_recipients_domain_counts_each_domain_apart() -> None:
    limit = {"name": "domain", "what": "email", "per": "domain", "count": 1}
    settings = ProjectSettings.model_validate({"channels": SMTP, "plan": "tiny", "plans": {"tiny": {"limits": [limit]}}})
    people = [*PEOPLE[:2], contact("o@y.example")]
    world = World.of(flow(mail("a")), "2026-03-02T08:00", people, settings=settings).to("2026-03-05T00:00")
    assert sorted(world.lines("executed")) == [
        "2026-03-02 09:00 o executed a",
        "2026-03-02 09:00 p2 executed a",
        "2026-03-03 09:00 p1 executed a",
    ]


def test_limit_of_a_month_holds_back_until_the_next_one() -> None:
    limit = {"name": "month", "what": "email", "window": "month", "count": 1}
    settings = ProjectSettings.model_validate({"channels": SMTP, "plan": "tiny", "plans": {"tiny": {"limits": [limit]}}})
    world = World.of(flow(mail("a")), "2026-03-30T08:00", PEOPLE[:2], settings=settings).to("2026-04-05T00:00")
    assert world.lines("executed") == ["2026-03-30 09:00 p2 executed a", "2026-04-01 09:00 p1 executed a"]
