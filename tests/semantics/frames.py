"""The surroundings in which the examples of diagnostics stand."""

from __future__ import annotations

import re
from functools import cache
from unittest.mock import patch

from seqlang.compiler import Checked, compile_project
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.explain import explain
from seqlang.semantics.settings import read_settings
from seqlang.syntax.parse import parse
from seqlang.syntax.text import read_source
from seqlang.vocabulary.settings import ExpectedSettings, PaceSettings, PlanSettings, ProjectSettings, UserSettings
from tests.semantics.reading import FIELDS, TEMPLATE, classic, project

COMMON = (
    FIELDS
    + """
list "Expo 2026" of contact
list "Big accounts" of account
event "page_view" { url text }
view "Fresh leads" of contact where stage = "Lead"
view "Open deals" of deal where stage = "Open"
calendar "Office" { open mon-fri 09:00-17:30 }
journey "Renewals" { enter when in view "Fresh leads" and in list "Expo 2026"; wait until done(x); step x: call { } }
journey "Deals" for deal { enter when in view "Open deals" }
workflow "Alert" { on created; tag "new" }
"""
)
SEQUENCE = "  run daily at 09:00\n"
TEMPLATES = dict.fromkeys(("hello.html", "b.html", "c.html"), TEMPLATE) | {"account.html": "<title>Hi</title>{{ account.name }}"}
FILES = {"prices.pdf": b"%PDF"}


def text_of(frame: str, example: str) -> str:
    """Return the file in which an example stands."""
    match frame:
        case "where":
            return COMMON + f'view "V" of contact where {example}\n' + classic(head='audience { view "V" }')
        case "classic" | "plan":
            return COMMON + classic(example)
        case "email":
            return COMMON + classic(f"step b: email on day 3 {{ {example} }}")
        case "run":
            return f'{COMMON}classic sequence "S" {{\n  run {example}\n  step a: call on day 1 {{ }}\n}}\n'
        case "smart" | "outbound":
            return f'{COMMON}{frame} sequence "S" {{\n{SEQUENCE}{example}\n}}\n'
        case "cadence":
            return f'{COMMON}cadence "S" {{\n{SEQUENCE}{example}\n}}\n'
        case "journey":
            return f'{COMMON}journey "S" {{\n  enter on event "page_view"\n{example}\n}}\n'
        case "account journey":
            return f'{COMMON}journey "S" for account {{\n  enter when employees > 5\n{example}\n}}\n'
        case "workflow":
            return f'{COMMON}workflow "S" {{\n  on created\n{example}\n}}\n'
        case "test":
            records = 'sequence "S"\n  start 2026-03-02T08:00\n  contact kim { email: "kim@example.com" }'
            return f'{COMMON}{classic()}test "t" {{\n  {records}\n  {example}\n}}\n'
        case "nested":  # the dots stand for a hundred levels
            example = f"{'not not (' * 90}score > 5{')' * 90}" if "…" in example else example
            return text_of("where", example)
        case _:
            return FIELDS + example


@cache
def bad_example(code: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the bad example of a code, and what is wrong with it."""
    page = explain(code)
    assert page is not None
    assert page.bad is not None, f"the page of {code} has no bad example"
    check = read_example if code.startswith("SEQ1") else check_example
    return page.bad, check(page.frame or "", page.bad)


def read_example(frame: str | None, example: str) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the text of a whole file, or with its bytes."""
    if frame == "repeated":  # "and 80,000 more such lines"
        line, more = example.split("\n")
        example = f"{line}\n" * int(re.sub(r"\D", "", more))
    encoding = "cp1252" if frame == "saved" and "Windows-1252" in example else "utf-8"
    source, found = read_source("bad.seq", example.encode(encoding))
    return found or parse(source).diagnostics


def check_example(frame: str, example: str) -> tuple[Diagnostic, ...]:
    """Return what is wrong with an example in its frame."""
    settings = ProjectSettings()
    problems: tuple[Diagnostic, ...] = ()
    if frame == "toml":
        settings, problems = read_settings(example)
    if frame == "plan":
        settings = ProjectSettings(plan="freshsales.growth")
    if frame == "pace":
        settings = ProjectSettings(pace=PaceSettings(messages_per_contact_per_week=2))
    if frame == "expected":
        tiny = PlanSettings(emails_per_user_per_day=500)
        settings = ProjectSettings(plan="tiny", plans={"tiny": tiny}, expect=ExpectedSettings(contacts=4000))
    if frame == "users":
        settings = ProjectSettings(users=(UserSettings(email="ana@example.com"),))
    if frame == "tiny plan":
        settings = ProjectSettings(plan="tiny", plans={"tiny": PlanSettings(sequences_per_user=1)})
    text = project(classic() if frame == "toml" else text_of(frame, example), templates=TEMPLATES, settings=settings, files=FILES)
    unreadable = {"unreadable.html": "it is not UTF-8 text"}
    if frame == "fault" and "a fault" in example:
        with patch("seqlang.semantics.flows._read_parts", return_value=None):
            return compile_project(text).diagnostics
    checked: Checked = compile_project(type(text)(text.modules, text.words, settings, TEMPLATES, unreadable, FILES, problems))
    return checked.diagnostics
