"""Further manners: Pace and manners in sequences: limits, pace, windows, lateness, holds (LANGUAGE 5.8)."""

from __future__ import annotations

from seqlang.simulation.scenario import NewRecord, Value
from seqlang.vocabulary.settings import PlanSettings, ProjectSettings
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


def test_dates_of_a_record_in_an_outbound_sequence_pass_their_turn_while_empty_and_come_back() -> None:
    steps = 'step a: email { subject: "s", text: "t" }\n' + mail("b", "on ends") + 'step c: email { subject: "s", text: "t" }\n'
    text = "record contact { ends date }\n" + flow(steps, kind="outbound")
    people = [contact("kim@x.example"), contact("lou@x.example", ends=instant("2026-03-05T00:00").date())]
    world = World.of(text, "2026-03-02T08:00", people).to("2026-03-08T12:00")
    world.tell("kim@x.example", "changed", value="ends=2026-03-10")
    world.to("2026-03-15T00:00")
    assert world.lines("executed") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-02 09:00 lou executed a",
        "2026-03-03 09:00 kim executed c",
        "2026-03-05 09:00 lou executed b",
        "2026-03-06 09:00 lou executed c",
        "2026-03-10 09:00 kim executed b",
    ]
