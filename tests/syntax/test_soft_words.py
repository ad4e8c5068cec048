"""Words of the language are soft: a field, step, option or channel may bear any of them."""

from __future__ import annotations

import pytest

from seqlang.syntax import tree
from seqlang.syntax.table import load
from seqlang.syntax.unparse_values import COMPARISON_WORDS
from tests.syntax.reading import condition, item, laid_out, line_of_test, read, read_well

WORDS = sorted(load().words)


def path(name: str) -> tree.Path:
    return tree.Path((tree.Name(name),))


def in_comparison(word: str) -> str:
    """Return a word as it begins a comparison: some need backticks there, and nowhere else."""
    return f"`{word}`" if word in COMPARISON_WORDS else word


@pytest.mark.parametrize("word", WORDS)
def test_a_field_may_bear_the_word(word: str) -> None:
    (record,) = read_well(f"record {word} {{ {word} text\n x text default 1 }}").declarations
    assert isinstance(record, tree.Record)
    assert record.name.text == record.fields[0].name.text == word
    written = in_comparison(word)
    assert condition(f"{written} > 3 and {written} is empty or not {written}").items[0].items[0].left == path(word)
    assert condition(f"a.{word} = b.{word}").left == tree.Path((tree.Name("a"), tree.Name(word)))
    assert condition(f"{written}.x in [1]").left.names[0].text == word
    assert item(f"set {word} = 1") == tree.Set(path(word), tree.Number(1))
    assert item(f"add {word} 1") == tree.Add(path(word), tree.Number(1))
    assert item(f"audience {{ unique by {word} }}").items == (tree.UniqueBy(path(word)),)
    assert item(f"on change of {word}, {word} to {'x'}").fields == (path(word), path(word))
    assert item(f"step a: b on {word}").timing == tree.OnMoment(path(word))
    assert item(f"step a: b 3 days before {word}").timing.origin == path(word)
    assert line_of_test(f"kim set {word} = 1").body.field == path(word)


@pytest.mark.parametrize("word", WORDS)
def test_a_step_may_bear_the_word(word: str) -> None:
    step = item(f"step {word}: email on day 3 when opened({word}) {{ reply_to_step: x }}")
    assert step.name.text == step.when.step.text == word
    for fact in ("clicked", "replied", "bounced", "sent", "done", "overdue"):
        assert condition(f"{fact}({word})").step.text == word
    assert condition(f'outcome({word}) = "x"').step.text == word
    assert item(f"step a: b 3 days after {word}").timing.origin == path(word)
    assert item(f"moved {word} to {word}") == tree.Moved(tree.Name(word), tree.Name(word))
    assert line_of_test(f"kim replied to {word}").body.step.text == word
    assert line_of_test(f"expect kim skipped {word}").body.step.text == word
    if word not in {"yes", "no", "choose"}:  # values of their own
        assert item(f"step a: b {{ reply_to_step: {word} }}").options[0].value == path(word)
    if word != "nothing":  # `expect nothing to kim`
        assert line_of_test(f"expect {word} to kim").body.step.text == word


@pytest.mark.parametrize("word", WORDS)
def test_an_option_or_a_channel_may_bear_the_word(word: str) -> None:
    step = item(f"step a: {word} on day 3 {{ {word}: 1, x: {{ {word}: 2; {word}: 3 }} }}")
    assert step.channel.text == step.options[0].name.text == step.options[1].value.options[1].name.text == word
    assert item(f"step a: {word} when b {{ }}").channel.text == word
    assert item(f"step a: {word}").channel.text == word


@pytest.mark.parametrize("word", sorted(COMPARISON_WORDS))
def test_a_word_that_asks_something_needs_backticks_where_a_comparison_starts(word: str) -> None:
    assert read(f'view "v" of contact where {word} = 3').diagnostics
    assert condition(f"`{word}` = 3").left == path(word)


@pytest.mark.parametrize("word", ["and", "or", "else", "when"])
def test_a_joining_word_needs_backticks_where_a_line_starts(word: str) -> None:
    assert read(f"record contact {{\n a text\n {word} text\n}}").diagnostics
    (record,) = read_well(f"record contact {{\n a text\n `{word}` text\n}}").declarations
    assert isinstance(record, tree.Record)
    assert record.fields[1].name.text == word


@pytest.mark.parametrize("word", ["and", "or", "else", "when"])
def test_the_formatter_writes_backticks_where_a_name_comes_to_start_a_line(word: str) -> None:
    text = laid_out(f"record contact {{ a text; {word} text\n b text }}")
    assert text == f"record contact {{\n  a text\n  `{word}` text\n  b text\n}}\n"


@pytest.mark.parametrize("name", ["Lead Source", "größe", "名前", "3rd", "a-b", "#x", "{x}"])
def test_a_name_with_other_characters_stands_in_backticks(name: str) -> None:
    assert condition(f"`{name}` = 3").left == path(name)
    assert item(f"step a: b {{ `{name}`: 1 }}").options[0].name.text == name
