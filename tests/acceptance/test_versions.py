"""diff and apply: for how many people under way what changes, what is refused, and that all or nothing is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Cli

MAIL = '{ subject: "s", text: "t" }'
SETTINGS = 'name = "v"\n[channels.email.default]\nsmtp = "smtp://127.0.0.1:9"\n'
CLASSIC = 'owner "ana@x.example"\n run daily at 09:00 in "UTC"\n audience { }\n'
JOURNEY = 'owner "ana@x.example"\n enter on event "go"\n'


class Versions:
    """A project of one flow, with three people, whose text is edited."""

    def __init__(self, folder: Path, cli: Cli) -> None:
        self.folder, self.cli = folder, cli

    def write(self, text: str) -> None:
        """Write the project's file anew."""
        (self.folder / "flow.seq").write_text('event "go"\n' + text, encoding="utf-8")

    def begin(self, text: str, *ticks: str) -> None:
        """Apply a first version, start it on 2 March at 08:00, let all three in, and tick."""
        self.write(text)
        self.cli("apply", "--yes", "--at", "2026-03-02T08:00")
        self.cli("import", "people.csv", "--at", "2026-03-02T08:00")
        self.cli("start", "F", "--at", "2026-03-02T08:00")
        if "journey" in text:
            for who in ("kim", "lou", "max"):
                self.cli("event", f"{who}@x.example", "event", "--value", "go", "--at", "2026-03-02T08:30")
        for at in ticks:
            self.cli("tick", "--at", at)

    def diff(self, text: str) -> str:
        """Return what `diff` says of another version that may be applied."""
        self.write(text)
        return self.cli("diff").out

    def refused(self, text: str) -> str:
        """Return why another version is refused, and see that nothing of it is applied."""
        self.write(text)
        said = self.cli("diff", code=1)
        again = self.cli("apply", "--yes", "--at", "2026-03-05T00:00", code=1)
        assert self.cli("diff", code=1).out == said.out
        return again.err


@pytest.fixture
def versions(no_project: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, database: str) -> Versions:
    if database == "sqlite":
        monkeypatch.delenv("SEQLANG_DATABASE", raising=False)
    (no_project / "seqlang.toml").write_text(SETTINGS, encoding="utf-8")
    (no_project / "people.csv").write_text("email\nkim@x.example\nlou@x.example\nmax@x.example\n", encoding="utf-8")
    return Versions(no_project, cli)


def classic(*steps: str, head: str = "") -> str:
    return f'classic sequence "F" {{\n {CLASSIC}{head}' + "".join(f" step {s}\n" for s in steps) + "}\n"


def journey(body: str) -> str:
    return f'journey "F" {{\n {JOURNEY}{body}\n}}\n'


A, B, C = f"a: email on day 1 {MAIL}", f"b: email on day 3 {MAIL}", 'c: email on day 5 { subject: "s", text: "c" }'


def test_an_added_step_goes_to_those_without_a_step_of_a_later_day(versions: Versions) -> None:
    versions.begin(classic(A, C), "2026-03-02T09:00")
    added = 'x: email on day 4 { subject: "s", text: "x" }'
    assert "new step x: 3 who are under way may get it" in versions.diff(classic(A, added, C))
    versions.write(classic(A, C))
    for at in ("2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"):
        versions.cli("tick", "--at", f"{at}T09:00")
    assert "new step x: nobody under way may get it" in versions.diff(classic(A, added, C))


def test_a_removed_step_says_who_will_not_get_it(versions: Versions) -> None:
    versions.begin(classic(A, C), "2026-03-02T09:00")
    said = versions.diff(classic(A))
    assert "step c is gone: 3 who are under way will not get it" in said
    assert "step a is gone: nobody under way will not get it" in versions.diff(classic(C))


def test_a_step_in_place_of_another_may_be_the_same_under_a_new_name(versions: Versions) -> None:
    versions.begin(classic(A, C), "2026-03-02T09:00")
    said = versions.diff(classic(A, C.replace("c:", "hello:")))
    assert "if hello is c under another name, say so in the flow: moved c to hello" in said
    assert "under another name" not in versions.diff(classic(A))


def test_a_changed_step_says_who_gets_it_as_it_is_now(versions: Versions) -> None:
    versions.begin(classic(A, C), "2026-03-02T09:00")
    assert "step c changes: 3 who are under way get it as it is now" in versions.diff(classic(A, C.replace("day 5", "day 6")))


def test_a_rename_is_refused_until_it_is_declared(versions: Versions) -> None:
    versions.begin(classic(A, C), "2026-03-02T09:00")
    assert "3 who had it would get it again; write `moved a to hello`" in versions.refused(classic(A.replace("a:", "hello:"), C))
    said = versions.diff(classic(A.replace("a:", "hello:"), C, head=" moved a to hello\n"))
    assert "step a is called hello: who has had it does not get it again" in said
    assert "may get it" not in said


def test_who_waits_in_a_journey_waits_elsewhere(versions: Versions) -> None:
    body = f'step a: email {MAIL}\nwait 3 days\nstep b: email {{ subject: "s", text: "b" }}'
    versions.begin(journey(body), "2026-03-02T09:00")
    assert "the wait behind a changes: 3 who are under way stand there, for the new time" in versions.diff(
        journey(body.replace("3 days", "5 days"))
    )
    assert "the wait behind a is gone: 3 who are under way stand there and go on with step b" in versions.diff(
        journey(body.replace("wait 3 days\n", ""))
    )
    assert "new step z: nobody under way may get it" in versions.diff(journey(f'step z: task {{ title: "z" }}\n{body}'))
    assert "new step z: 3 who are under way may get it" in versions.diff(journey(f'{body}\nstep z: task {{ title: "z" }}'))


def test_a_journey_that_would_strand_somebody_or_send_twice_is_refused(versions: Versions) -> None:
    body = f'step a: email {MAIL}\nwait 3 days\nstep b: email {{ subject: "s", text: "b" }}'
    versions.begin(journey(body), "2026-03-02T09:00")
    said = versions.refused(journey(f"step a: email {MAIL}"))
    assert "3 who are under way stand at the wait behind a, which is gone with all that followed it" in said
    twice = f'wait 3 days\nstep again: email {MAIL}\nstep b: email {{ subject: "s", text: "b" }}'
    assert "3 who had it would get it again; write `moved a to again`" in versions.refused(journey(twice))


def test_a_cadence_stays_pinned(versions: Versions) -> None:
    steps = [A, C]
    text = classic(*steps).replace("classic sequence", "cadence").replace(" audience { }\n", "")
    versions.begin(text)
    versions.cli("enroll", "F", "kim@x.example", "--at", "2026-03-02T08:30")
    versions.cli("tick", "--at", "2026-03-02T09:00")
    said = versions.diff(text.replace(f" step {C}\n", f" step {B}\n"))
    assert "1 under way keep" in said
    assert "new step b: nobody under way may get it" in said
    versions.cli("apply", "--yes", "--at", "2026-03-02T12:00")
    for day in range(3, 8):
        versions.cli("tick", "--at", f"2026-03-0{day}T09:00")
    done = [r["step"] for r in versions.cli("log", "--format", "json").rows if r["what"] == "executed"]
    assert done == ["a", "c"]


def test_apply_is_all_or_nothing(versions: Versions) -> None:
    outbound = f'outbound sequence "O" {{\n {CLASSIC} step a: email {MAIL}\n}}\n'
    versions.begin(classic(A, C) + outbound)
    versions.cli("start", "O", "--at", "2026-03-02T08:00")
    text = f"record contact {{ fresh text }}\n{classic(A, B, C)}{outbound.replace('step a', 'step b')}"
    assert "cannot be edited; clone it" in versions.refused(text)
    assert "new field fresh" in versions.cli("diff", code=None).out
    versions.write(classic(A, C) + outbound)
    assert versions.cli("diff").out.strip() == "no changes"
    versions.cli("import", "people.csv", "--set", "fresh=x", code=2)


def test_what_the_files_no_longer_declare_is_told_once(versions: Versions) -> None:
    head = 'record contact { plan choice ["a", "b"]; size number }\nrecord ticket { title text }\n'
    head += 'event "seen"\nlist "L" of contact\n'
    versions.begin(head + classic(A))
    said = versions.diff('record contact { plan choice ["a", "c"] }\n' + classic(A))
    assert "field size is gone: its values stay in the database" in said
    assert "field plan may be `c` and may no longer be `b`" in said
    for what in ("gone record ticket", "gone event seen", "gone list L"):
        assert what in said
    versions.cli("apply", "--yes")
    assert versions.cli("diff").out.strip() == "no changes"


def test_an_owner_who_would_have_too_many_sequences_is_refused(versions: Versions) -> None:
    settings = 'name = "v"\nplan = "tiny"\n[plan.tiny]\nsequences_per_user = 1\n' + SETTINGS.partition("\n")[2]
    (versions.folder / "seqlang.toml").write_text(settings, encoding="utf-8")
    other = classic(A).replace('"F"', '"G"').replace("ana@", "bo@")
    versions.begin(classic(A) + other)
    versions.cli("start", "G", "--at", "2026-03-02T08:00")
    why = "the plan `tiny` allows 1 active sequences of one owner, and ana@x.example would have 2"
    assert why in versions.refused(classic(A) + other.replace("bo@", "ana@"))
    versions.cli("stop", "F", "--at", "2026-03-03T08:00")  # who stands still takes no place
    assert "the owner changes" in versions.diff(classic(A) + other.replace("bo@", "ana@"))


def test_flows_of_an_owner_who_is_deactivated_stand_still_and_do_not_start(versions: Versions) -> None:
    versions.begin(classic(A))
    gone = SETTINGS + '[[users]]\nemail = "ana@x.example"\nactive = false\n'
    (versions.folder / "seqlang.toml").write_text(gone, encoding="utf-8")
    versions.cli("apply", "--yes", "--at", "2026-03-02T08:30")
    said = versions.cli("tick", "--at", "2026-03-02T09:00")
    assert "`F` stands still: its owner ana@x.example is deactivated" in said.err
    assert "nothing" in said.out
    assert "its owner ana@x.example is deactivated" in versions.cli("start", "F", "--at", "2026-03-02T10:00", code=1).err
    (versions.folder / "seqlang.toml").write_text(gone.replace("false", "true"), encoding="utf-8")
    versions.cli("apply", "--yes", "--at", "2026-03-02T11:00")
    assert "goes on" in versions.cli("start", "F", "--at", "2026-03-02T12:00").out
    versions.cli("tick", "--at", "2026-03-02T12:00")  # as after an outage: the run of 9:00 is made up for
    assert [row["what"] for row in versions.cli("log", "--format", "json").rows] == ["entered", "executed"] * 3


def test_an_outbound_sequence_is_fixed_but_the_projects_plan_is_not(versions: Versions) -> None:
    outbound = f'outbound sequence "F" {{\n {CLASSIC} step a: email {MAIL}\n step b: email after 2 days {MAIL}\n}}\n'
    plan = 'name = "v"\nplan = "tiny"\n[plan.tiny]\nemails_per_user_per_day = 2\n' + SETTINGS.partition("\n")[2]
    (versions.folder / "seqlang.toml").write_text(plan, encoding="utf-8")
    versions.begin(outbound, "2026-03-02T09:00")
    more = plan.replace("= 2", "= 9") + "[pace]\nmessages_per_contact_per_week = 3\n"
    (versions.folder / "seqlang.toml").write_text(more, encoding="utf-8")
    versions.cli("apply", "--yes", "--at", "2026-03-02T12:00")
    versions.cli("tick", "--at", "2026-03-03T09:00")
    rows = versions.cli("log", "--format", "json").rows
    assert [row["at"][:10] for row in rows if row["what"] == "executed"] == ["2026-03-02"] * 2 + ["2026-03-03"]
    assert "cannot be edited" in versions.refused(outbound.replace("after 2 days", "after 3 days"))
