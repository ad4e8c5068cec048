"""Projects for pictures: every kind of flow and everything that may stand in one, names full of signs, and a hook for counts."""

from __future__ import annotations

from pathlib import Path

from seqlang.app.project import check_project, load_project
from seqlang.app.workspace import open_workspace
from seqlang.plan.model import FlowPlan, ProjectPlan

EVERYTHING = r"""
record contact { score number default 0, trial_ends date }
list "Hot & <cold>" of contact
journey "All of it" {
  owner "ana@example.com"
  enter on event "trial" with url contains "/p"
  enter when score > 5
  window mon-fri 09:00-17:00 in "Europe/Berlin"
  goal "Bought \"it\" <now>" when event "bought" { tag "it" }
  exit when unsubscribed, replied { add to list "Hot & <cold>"; exit }
  step a: email { text: "Hi", subject: "A & B < C > D \" E", unsubscribe: yes }
  wait 2 days
  wait until 3 days before trial_ends
  wait until opened(a) for at most 3 days
  split "s & t" winner by clicked after 2 days {
    50% "x" { step b: sms { text: "x" } }
    40% "y" { if score > 3 { move to "Next" } else if score > 2 { wait 1 hour } else { exit } }
    10% holdout
  }
  enroll in "By hand"
}
event "trial" { url text }
event "bought"
classic sequence "Next" {
  owner "ana@example.com"
  run daily at 09:00 in "Europe/Berlin"
  audience { where in list "Hot & <cold>"; unique by email }
  step a: email on day 1 { text: "Hi", subject: "x", unsubscribe: yes }
  step b: email 3 days before trial_ends { text: "Hi", subject: "x", unsubscribe: yes }
  exit when replied
}
cadence "By hand" {
  owner "ana@example.com"
  run every 2 days from 10:00 in "Europe/Berlin"
  step a: call on day 1 { script: "Hi" }
}
smart sequence "Fitting" {
  owner "ana@example.com"
  run cron "0 9 * * 1-5" in "Europe/Berlin"
  audience { where was in sequence "Next" and tagged "it" }
  step a: email { text: "Hi", subject: "x", unsubscribe: yes }
  step b: email after 2 days when opened(a) { text: "Hi", subject: "x", unsubscribe: yes }
  exit when replied
}
outbound sequence "Calls" {
  owner "ana@example.com"
  run daily at 09:00 in "Europe/Berlin"
  audience { where score > 3 }
  step a: call { script: "Hi" }
  step b: call after 1 day when outcome(a) = "No answer" { script: "Hi", due: 2 days }
}
workflow "Points" {
  owner "ana@example.com"
  on exited "Next"
  add score 5
  step hook: webhook { url: "https://example.com/hook" }
}
"""


def plan_of(folder: Path, text: str = EVERYTHING) -> ProjectPlan:
    """Return the plan of a project that is one file."""
    (folder / "seqlang.toml").write_text('name = "<world> & \\"all\\""\n', encoding="utf-8")
    (folder / "world.seq").write_text(text, encoding="utf-8")
    checked = check_project(load_project(open_workspace(str(folder))))
    assert checked.plan is not None, [d.message for d in checked.diagnostics]
    return checked.plan


def flow_of(plan: ProjectPlan, name: str) -> FlowPlan:
    """Return a flow by its name."""
    return next(flow for flow in plan.flows if flow.name == name)
