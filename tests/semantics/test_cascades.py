"""Several mistakes are all reported, each once, at its own place, and none brings another."""

from __future__ import annotations

from tests.semantics.reading import FIELDS, check, classic, codes, shown


def errors(*texts: str, **given: object) -> list[str]:
    checked = check(*texts, **given)
    assert checked.plan is None
    return [s for s, d in zip(shown(checked), checked.diagnostics, strict=True) if d.severity == "error"]


def test_mistakes_of_one_flow_are_collected() -> None:
    found = errors(FIELDS + """
classic sequence "S" {
  owner "ana"
  run daily at 09:30 in "Europe/Brelin"
  audience { where scor > 5 and stage = "Leed"; unique by emial }
  step hello: email on day 1 when opened(helo) { template: "hello.html", subjct: "Hi" }
  step hello: call on day 2 { }
  exit when finished, replied, contry = "DE"
}
""")  # fmt: skip
    assert found == [
        'SEQ413 `"ana"`', 'SEQ320 `"Europe/Brelin"`', "SEQ211 `scor`", 'SEQ303 `"Leed"`', "SEQ211 `emial`", "SEQ230 `helo`",
        "SEQ401 `subjct`", "SEQ208 `hello`", "SEQ211 `contry`",
    ]  # fmt: skip


def test_mistakes_of_several_files_stand_in_file_order() -> None:
    checked = check('view "A" of contact where nme = "x"\n', classic("step b: cal on day 3 { }"), 'list "L" of contcat\n')
    assert [(d.source.path, d.code) for d in checked.diagnostics if d.severity == "error"] == [
        ("a.seq", "SEQ211"), ("b.seq", "SEQ400"), ("c.seq", "SEQ206")]  # fmt: skip


def test_a_broken_view_is_reported_once_however_often_it_is_asked() -> None:
    body = "".join(f"exit when in view {chr(34)}V{chr(34)} and score > {n}\n" for n in range(5))
    found = errors(FIELDS + 'view "V" of contact where scor > 5\n' + classic(body))
    assert found == ["SEQ211 `scor`"]


def test_a_template_with_a_mistake_is_reported_once_at_its_own_line() -> None:
    checked = check(classic("""
step b: email on day 3 { template: "b.html", unsubscribe: yes }
step c: email on day 4 { template: "b.html", unsubscribe: yes }
"""), templates={"hello.html": "<title>x</title>", "b.html": "<title>x</title>\n<p>{{ contact.frist_name }}</p>"})  # fmt: skip
    found = [d for d in checked.diagnostics if d.severity == "error"]
    assert [(d.code, d.source.path, d.source.position(d.span.start)) for d in found] == [("SEQ440", "templates/b.html", (2, 7))]
    assert found[0].hint == "did you mean `first_name`?"


def test_a_field_of_an_unknown_type_is_known_all_the_same() -> None:
    assert errors("record contact { size numbr }\n" + classic(head='audience { where size = "x" }')) == ["SEQ206 `numbr`"]


def test_a_step_that_cannot_be_read_is_not_missed() -> None:
    text = classic("step b: email on day 3 { template: }\n step c: call on day 4 when opened(b) { }")
    found = check(text)
    assert [d.code for d in found.diagnostics if d.severity == "error" and d.code >= "SEQ2"] == []
    assert found.plan is None


def test_a_record_that_cannot_be_read_hides_unknown_fields() -> None:
    found = check("record contact { size 5 5 5 }\n", classic(head="audience { where size > 3 }"))
    assert {d.code[:4] for d in found.diagnostics if d.severity == "error"} == {"SEQ1"}


def test_a_misspelt_channel_does_not_bring_its_options() -> None:
    assert errors(classic('step b: emial on day 3 { template: "b.html", anything: 5 }')) == ["SEQ400 `emial`"]


def test_the_same_text_gives_the_same_diagnostics() -> None:
    text = FIELDS + classic("step b: emial on day 3 when scor > 5 { }")
    assert check(text).diagnostics == check(text).diagnostics


def test_an_empty_project_has_an_empty_plan() -> None:
    checked = check("")
    assert checked.plan is not None
    assert checked.plan.flows == ()
    assert codes("") == []


def test_a_misspelt_checkbox_of_an_exit_is_told_as_such() -> None:
    checked = check(FIELDS + classic("exit when finised, replid"))
    hints = [d.hint for d in checked.diagnostics if d.severity == "error"]
    assert hints == ["did you mean `finished`?", "did you mean `replied`?"]


def test_a_single_outcome_without_brackets_counts_as_one() -> None:
    body = 'step r: call on day 3 { outcomes: "Yes" }\nstep t: call on day 4 when outcome(r) = "Yse" { }'
    found = errors(FIELDS + classic(body))
    assert found == ['SEQ316 `"Yse"`']
