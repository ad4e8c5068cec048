"""A project in a few texts, with the installed plugins' words, and a cursor written as `|`."""

from __future__ import annotations

from functools import cache

from seqlang.diagnostics.source import Source
from seqlang.editing.analysis import Analysis, analyse
from seqlang.host import load
from seqlang.semantics.project import ModuleText, ProjectText
from seqlang.syntax.parse import parse
from seqlang.vocabulary.policies import Words
from seqlang.vocabulary.settings import ProjectSettings, UserSettings

BASE = """\
record contact {
  score number default 0
  stage choice ["Lead", "Customer"] default "Lead"
  `Lead Source` text
  trial_ends date
}
list "Expo" of contact
event "page_view" { url text }
let webinar = 2026-11-24T15:00+01:00
view "Fresh" of contact where stage = "Lead" and score > 3
calendar "Office" { open mon-fri 09:00-17:00 }
classic sequence "Main" {
  owner "ana@example.com"
  run daily at 09:30 in "Europe/Berlin" except weekends
  audience { view "Fresh" }
  step hello: email on day 1 { template: "hello.html", unsubscribe: yes }
  step ring: call on day 3 when opened(hello) { script: "Hi {{ contact.score }}", outcomes: ["Yes", "No"] }
  exit when finished, replied, unsubscribed, bounced
  exit when stage = "Customer" { add to list "Expo" }
}
"""
TEMPLATES = {"hello.html": "<title>Hi</title>{{ contact.score }} {{ contact['score'] }}", "other.html": "<title>x</title>"}
SETTINGS = ProjectSettings(users=(UserSettings(email="ana@example.com", first_name="Ana"), UserSettings(email="bo@example.com")))


@cache
def words() -> Words:
    """Return the words of the bundled plugins."""
    return load(SETTINGS).words


def project(*texts: str, templates: dict[str, str] | None = None) -> Analysis:
    """Return the analysis of a project of the files a.seq, b.seq and so on."""
    sources = [Source(f"{chr(97 + n)}.seq", text) for n, text in enumerate(texts)]
    parsed = [(source, parse(source)) for source in sources]
    modules = tuple(ModuleText(source, one.module, tuple(one.diagnostics)) for source, one in parsed)
    return analyse(ProjectText(modules, words(), SETTINGS, templates=TEMPLATES if templates is None else templates))


def cursor(text: str) -> tuple[str, int]:
    """Return a text without its `|`, and where that stood."""
    at = text.index("|")
    return text[:at] + text[at + 1 :], at
