"""Small projects for the tests of checks: text in, diagnostics and plan out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from seqlang.compiler import Checked, ModuleText, ProjectText, compile_project
from seqlang.diagnostics.source import Source
from seqlang.host import load
from seqlang.plan.model import FlowPlan
from seqlang.syntax.parse import parse
from seqlang.vocabulary.policies import Words
from seqlang.vocabulary.settings import ProjectSettings

TEMPLATE = "<html><title>Hello</title><body>Dear {{ contact.first_name }}</body></html>"
FIELDS = """
record contact {
  country choice ["DE", "AT", "CH", "US"]
  score number default 0
  stage choice ["Lead", "Qualified", "Customer"] default "Lead"
  trial_ends date
  newsletter boolean
  `Lead Source` text
}
"""


class EveryTemplate(dict[str, str]):
    """Templates of any name, with one text: for tests that are about something else."""

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """Return the text that is given for the name, else the common one."""
        return super().get(key, TEMPLATE)

    def __missing__(self, key: str) -> str:
        return TEMPLATE


@cache
def words() -> Words:
    """Return the words of the bundled plugins."""
    return load(ProjectSettings()).words


def project(
    *texts: str,
    templates: Mapping[str, str] | None = None,
    settings: ProjectSettings | None = None,
    files: Mapping[str, bytes] | None = None,
) -> ProjectText:
    """Return a project of some files, named a.seq, b.seq and so on."""
    modules = []
    for n, text in enumerate(texts):
        source = Source(f"{chr(97 + n)}.seq", text)
        parsed = parse(source)
        modules.append(ModuleText(source, parsed.module, parsed.diagnostics))
    return ProjectText(
        tuple(modules),
        words(),
        settings or ProjectSettings(),
        EveryTemplate() if templates is None else templates,
        files=files or {},
    )


def check(*texts: str, **given: object) -> Checked:
    """Compile a project of some files."""
    return compile_project(project(*texts, **given))  # type: ignore[arg-type]


def codes(*texts: str, **given: object) -> list[str]:
    """Return the codes of all diagnostics, in file order."""
    return [d.code for d in check(*texts, **given).diagnostics]


def shown(checked: Checked) -> list[str]:
    """Return each diagnostic as "code `the text it stands at`"."""
    return [f"{d.code} `{d.source.text[d.span.start : d.span.end]}`" for d in checked.diagnostics]


def plan_of(*texts: str, name: str | None = None, **given: object) -> FlowPlan:
    """Return the plan of one flow of a project without errors."""
    checked = check(*texts, **given)
    assert checked.plan is not None, [f"{d.code} {d.message}" for d in checked.diagnostics]
    return next(f for f in checked.plan.flows if name is None or f.name == name)


def classic(body: str = "", *, head: str = "", record: str = "contact") -> str:
    """Return a classic sequence with one step, and more in front of it and behind it."""
    return f"""
classic sequence "S" for {record} {{
  owner "ana@example.com"
  run daily at 09:30 in "Europe/Berlin"
  {head}
  step hello: email on day 1 {{ template: "hello.html", subject: "Hi", unsubscribe: yes, track: [opens, clicks] }}
  {body}
  exit when finished, replied, unsubscribed, bounced
}}
"""


def where(condition: str, *, before: str = FIELDS) -> Checked:
    """Compile a view with one condition."""
    return check(before + f'view "V" of contact where {condition}\n' + classic(head='audience { view "V" }'))
