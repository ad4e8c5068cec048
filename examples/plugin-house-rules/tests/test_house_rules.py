"""The rules on their own, and within a check."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from seqlang.sdk import LintFlow, LintProject, LintStep
from seqlang.sdk.testing import PluginConformance

CHECK = "import sys; from seqlang.cli.main import main; sys.exit(main(sys.argv[1:]))"
# The plugins that the project uses: rules of whatever else is installed would find something in it, too.
TOML = 'name = "house"\nplugins = ["email", "house_rules"]\nplan = "house.careful"\n[rules]\nHOUSE102 = "error"\n'
SEQ = """\
classic sequence "Loud" {
  owner "ana@example.com"
  run daily at 09:00 in "Europe/Berlin"
  audience { where in view "house.free mail" }
  step hello: email on day 1 { text: "Hi", subject: "LAST CHANCE TODAY", unsubscribe: yes }
  # allow HOUSE101: the fair is called so
  step fair: email on day 2 { text: "Hi", subject: "DÜSSELDORF BOAT SHOW", unsubscribe: yes }
  exit when finished, replied, unsubscribed
}
"""


class TestHouseRules(PluginConformance):
    """What is asked of every plugin."""

    plugin = "house_rules"


def flow(run: str, subject: str) -> LintProject:
    """Return a project of one sequence."""
    step = LintStep("hello", "email", {"subject": subject})
    made = LintFlow("Loud", "classic", "contact", "loud.seq", None, (step,), {"run": run})
    return LintProject("house", None, (made,), {})


def test_rules_find_what_they_are_for() -> None:
    """Each rule finds its own, and nothing where all is well."""
    from seqlang_house_rules import lint

    assert [f.code for f in lint(flow("run daily at 09:00", "LAST CHANCE TODAY"))] == ["HOUSE101", "HOUSE102"]
    assert list(lint(flow("run daily at 09:00 except weekends", "IBM and you"))) == []


def test_check_tells_them_at_their_places(tmp_path: Path) -> None:
    """The settings make one an error, and a comment lets one pass."""
    (tmp_path / "seqlang.toml").write_text(TOML, "utf-8")
    (tmp_path / "loud.seq").write_text(SEQ, "utf-8")
    command = [sys.executable, "-c", CHECK, "check", "--format", "json", "--project", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    told = [d for d in json.loads(done.stdout)["diagnostics"] if d["code"].startswith("HOUSE")]
    found = [(d["code"], d["severity"], d["line"], d["column"]) for d in told]
    assert found == [("HOUSE102", "error", 1, 18), ("HOUSE101", "warning", 5, 53)], done.stdout + done.stderr
    command = [sys.executable, "-c", CHECK, "explain", "HOUSE101"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert "a subject shouts" in said.stdout
    assert "Until Friday" in said.stdout
