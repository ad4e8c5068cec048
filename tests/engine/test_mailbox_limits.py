"""What mailboxes hold in a day: each owner's by itself, of one that warms up fewer (LANGUAGE 5.8, *Limits*)."""

from __future__ import annotations

from seqlang.store import Store
from seqlang.vocabulary.settings import ProjectSettings
from tests.engine.playing import World
from tests.engine.test_manners import PEOPLE, born, flow, mail


def mailboxes(**each: dict[str, object]) -> ProjectSettings:
    """Return settings in which these users, and "default", have a mailbox each."""
    smtp = {"smtp": "smtp://localhost:2525"}
    names = {name if name == "default" else f"{name}@example.com": {**smtp, **more} for name, more in each.items()}
    return ProjectSettings(channels={"email": names})


def test_each_owners_mailbox_has_a_day_of_its_own(store: Store) -> None:
    text = flow(mail("a"), name="A") + flow(mail("a"), name="B").replace("ana@", "bo@")
    settings = mailboxes(ana={"per_day": 2}, bo={"per_day": 1}, default={})
    world = World.of(text, "2026-03-02T08:00", PEOPLE[:2], settings=settings, store=store).to("2026-03-02T12:00")
    assert world.lines("executed", flow="A") == ["2026-03-02 09:00 p1 executed a", "2026-03-02 09:00 p2 executed a"]
    assert world.lines("executed", flow="B") == ["2026-03-02 09:00 p2 executed a"]


def test_mailbox_that_warms_up_holds_back_what_it_would_not_send(store: Store) -> None:
    """Else the steps of two days would wait for it together, and reach one person in the same minute."""
    warm = {"warmup_start": "2026-03-02", "warmup_first": 1, "warmup_more": 2}
    text = flow(mail("a") + mail("b", "on day 2"))
    world = World.of(text, "2026-03-02T08:00", PEOPLE[:3], settings=mailboxes(default=warm), store=store).to("2026-03-05T00:00")
    assert world.lines("executed") == [
        "2026-03-02 09:00 p3 executed a",
        "2026-03-03 09:00 p1 executed a",
        "2026-03-03 09:00 p2 executed a",
        "2026-03-03 09:00 p3 executed b",
        "2026-03-04 09:00 p1 executed b",
        "2026-03-04 09:00 p2 executed b",
    ]
    assert world.lines("deferred") == ["2026-03-02 09:00 p1 deferred a : limit", "2026-03-02 09:00 p2 deferred a : limit"]


def test_two_mailboxes_of_which_one_warms_up_hold_as_much_as_both() -> None:
    warm = {"user": "default", "warmup_start": "2026-03-01", "warmup_first": 1, "per_day": 2}
    settings = mailboxes(default={"per_day": 1}, two=warm)
    world = World.of(flow(mail("a")), "2026-03-02T08:00", PEOPLE, settings=settings).to("2026-03-02T12:00")
    assert len(world.lines("executed")) == 3  # one, and the other's two of its second day, not eleven


def test_mailbox_of_a_journeys_owner_does_not_hold_it_back() -> None:
    """Journeys send from the default mailbox."""
    text = 'journey "J" {\n owner "ana@example.com"\n enter when tagged "x"\n step a: email { subject: "s", text: "t" }\n}\n'
    assert not World.of(text, "2026-03-02T08:00", [], settings=mailboxes(ana={"per_day": 1}, default={})).plan.flows[0].limits
    held = World.of(text, "2026-03-02T08:00", [], settings=mailboxes(ana={}, default={"per_day": 1})).plan.flows[0].limits
    assert [limit.count for limit in held] == [1]


def test_mailbox_that_is_warm_and_has_no_other_limit_holds_nothing_back() -> None:
    warm = {"warmup_start": "2026-01-31", "warmup_first": 1, "warmup_more": 1}
    people = [born(f"q{number}@x.example", "2026-02-01T00:00") for number in range(35)]
    world = World.of(flow(mail("a")), "2026-03-01T08:00", people, settings=mailboxes(default=warm)).to("2026-03-02T12:00")
    assert len([line for line in world.lines("executed") if line.startswith("2026-03-01")]) == 30  # its last day
    assert len(world.lines("executed")) == 35
    later = World.of(flow(mail("a")), "2026-03-02T08:00", people, settings=mailboxes(default=warm)).to("2026-03-02T12:00")
    assert len(later.lines("executed")) == 35
