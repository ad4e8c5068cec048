"""The program as a whole: `check` of one file and of many, `simulate` over months."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Finding, Sizes, of_children, timed

STEP = """\
  step s{n}: email on day {day}
    when score >= {score} and not replied {{
    subject: "{{{{ contact.first_name | default('Hello') }}}}, a question"
    text: "Do you plan a rollout this year?"
    unsubscribe: yes
  }}
"""
STEP_LINES = STEP.count("\n")
FLOW = """
classic sequence "Flow {number}" {{
  owner "ana@example.com"
  run daily at 09:00 in "Europe/Berlin" except weekends
  audience {{
    where country in ["DE", "AT"] and score between {low} and {high}
    where stage = "Lead"
  }}
{steps}  exit when finished, replied, unsubscribed, bounced
  exit when stage = "Customer"
}}
"""
RECORDS = """
record contact {
  country choice ["DE", "AT"]
  score number default 0
  stage choice ["Lead", "Customer"] default "Lead"
}
"""
DAILY = '  step s{n}: email on day {day} when not replied {{ subject: "s", text: "t" }}\n'
SEVENTY = 70


def flow(number: int, lines: int = SEVENTY) -> str:
    """Return a file of about so many lines."""
    steps = "".join(STEP.format(n=n, day=1 + n, score=20 * number + n) for n in range(1, (lines - 10) // STEP_LINES))
    return FLOW.format(number=number, steps=steps, low=20 * number, high=20 * number + 19)


def seqlang(folder: Path, *arguments: str) -> None:
    """Run the program as a whole process, as it is installed: its modules compiled, its cache a folder beside the project."""
    environment = {**os.environ, "SEQLANG_CACHE_DIR": str(folder.parent / f"{folder.name}-cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run([sys.executable, "-m", "seqlang.cli.start", *arguments, "--project", str(folder)],
        capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr.decode()[-2000:] + done.stdout.decode()[-2000:]


def check_one(_: Sizes) -> list[Finding]:
    """Measure the whole process for one file, the best of several."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = _project(Path(name))
        (folder / "one.seq").write_text(RECORDS + flow(1, SEVENTY - 5), "utf-8")
        seqlang(folder, "check")  # what is compiled once, of Python and of the grammar, is compiled
        busy = min(processor_seconds(lambda: seqlang(folder, "check", "--no-cache")) for _ in range(7))
        seconds = min(timed(lambda: seqlang(folder, "check", "--no-cache")) for _ in range(7))
        again = min(timed(lambda: seqlang(folder, "check")) for _ in range(7))
    what = "check: one file of 70 lines, whole process"
    note = f"{busy:.2f} s of a processor; {again:.2f} s where nothing has changed"
    return [Finding(what, seconds, "s", None, "at most 0.2 s", seconds <= 0.2, note)]


def processor_seconds(work: Callable[[], object]) -> float:
    """Return how long the processes that a piece of work starts keep a processor busy: what a busy machine changes little."""
    before = of_children()
    work()
    return of_children() - before


def _project(place: Path) -> Path:
    folder = place / "project"
    folder.mkdir()
    (folder / "seqlang.toml").write_text('name = "bench"\n', "utf-8")
    return folder


def check_many(sizes: Sizes) -> list[Finding]:
    """Measure the lines a second of many files."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = _project(Path(name))
        (folder / "a.seq").write_text(RECORDS, "utf-8")
        seqlang(folder, "check")
        for number in range(sizes.files):
            (folder / f"f{number}.seq").write_text(flow(number), "utf-8")
        lines = sizes.files * len(flow(0).splitlines())
        busy = processor_seconds(lambda: seqlang(folder, "check", "--no-cache"))
        seconds = timed(lambda: seqlang(folder, "check"))
        again = min(timed(lambda: seqlang(folder, "check")) for _ in range(3))
    speed, faster = lines / seconds, seconds / again
    what = f"check: {sizes.files:,} files of 70 lines"
    return [
        Finding(what, speed, "lines/s", None, "at least 10,000 lines/s", speed >= 10_000,
                f"{seconds:.1f} s in all, {busy:.1f} s of a processor"),
        Finding(f"{what}, again", again, "s", None, "ten times faster", faster >= 10, f"{faster:.0f} times"),
    ]


def simulate(sizes: Sizes) -> list[Finding]:
    """Measure the whole process of a simulation over months."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "seqlang.toml").write_text('name = "bench"\n[channels.email.default]\nsmtp = "smtp://localhost:2525"\n',
            "utf-8")
        steps = "".join(DAILY.format(n=n, day=1 + 9 * n) for n in range(10))
        (folder / "one.seq").write_text(RECORDS + FLOW.format(number=1, steps=steps, low=20, high=100), "utf-8")
        people = "".join(f"p{n}@x{n % 500}.example,DE,{20 + n % 50}\n" for n in range(sizes.simulated))
        (folder / "contacts.csv").write_text("email,country,score\n" + people, "utf-8")
        events = "".join(f"2026-03-{3 + n % 20:02}T12:00Z,p{n}@x{n % 500}.example,replied,Flow 1,s0,\n" for n in range(0,
            sizes.simulated, 10))
        (folder / "events.csv").write_text("at,contact,kind,sequence,step,value\n" + events, "utf-8")
        span = ["--from", "2026-03-02", "--until", f"2026-{3 + sizes.days // 30:02}-{2 + sizes.days % 30:02}"]
        files = ["--contacts", str(folder / "contacts.csv"), "--events", str(folder / "events.csv")]
        seconds = timed(lambda: seqlang(folder, "simulate", *files, *span, "--format", "json"))
    what = f"simulate: {sizes.simulated:,} contacts over {sizes.days} days"
    return [Finding(what, seconds, "s", None, "at most 10 s", seconds <= 10)]
