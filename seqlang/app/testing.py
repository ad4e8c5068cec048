"""`test`: the test blocks of projects, played on the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from seqlang.app.checking import Target, targets
from seqlang.app.project import check_project, load_project
from seqlang.app.workspace import open_workspace
from seqlang.errors import SeqlangError

if TYPE_CHECKING:
    from seqlang.compiler import Checked
    from seqlang.semantics.trials import CheckedTest
    from seqlang.simulation.coverage import Trace
    from seqlang.syntax import tree
    from seqlang.vocabulary.settings import ProjectSettings


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of one test."""

    __test__ = False
    name: str
    path: str  # from where the reader stands
    line: int
    report: str  # why it failed; empty where it passed
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.report


@dataclass(slots=True)
class Suite:
    """The tests of one project."""

    folder: Path
    prefix: str
    settings: ProjectSettings
    checked: Checked
    constants: dict[str, tree.Value]
    chosen: tuple[CheckedTest, ...]
    broken: tuple[str, ...] = ()  # why nothing can be played: its errors
    done: list[TestResult] = field(default_factory=list)
    traces: set[Trace] = field(default_factory=set)

    def results(self) -> Iterator[TestResult]:
        """Play the tests, one after the other."""
        for test in self.chosen:
            result = self.play(test)
            self.done.append(result)
            yield result

    def play(self, test: CheckedTest) -> TestResult:
        """Play one test."""
        import time

        from seqlang.simulation.playing_trials import play_trial

        begun = time.perf_counter()
        line, _ = test.source.position(test.node.span.start)
        assert self.checked.plan is not None
        try:
            outcome = play_trial(test, self.checked, self.settings, self.constants)
            said = outcome.report
            self.traces |= outcome.traces
        except (SeqlangError, LookupError) as wrong:
            said = f"it cannot be played: {getattr(wrong, 'message', None) or wrong}"
        return TestResult(test.name, self.prefix + test.source.path, line, said, time.perf_counter() - begun)

    def coverage(self) -> list[str]:
        """Return a line for each flow, and below it what no test reaches."""
        from seqlang.simulation.coverage import cover

        if self.checked.plan is None:
            return []
        lines = []
        for found in cover(self.checked.plan.flows, frozenset(self.traces)):
            percent = 100 * found.reached // found.all if found.all else 100
            lines.append(f"{found.flow}: {found.reached} of {found.all} ({percent} %)")
            lines.extend(f"  {words}" for words in found.missing)
        return lines


def run_suites(paths: Sequence[str], word: str | None, project: str | None, prefix: Callable[[Path], str]) -> Iterator[Suite]:
    """Yield the projects of the paths, each with the tests that were asked for."""
    for target in targets(paths, project):
        yield open_suite(target, word, prefix(target.folder) if project is None else "")


def open_suite(target: Target, word: str | None = None, prefix: str = "") -> Suite:
    """Load and check one project; the tests of its files that were asked for are `chosen`."""
    from seqlang.app.checking import Checking, report_of
    from seqlang.diagnostics.faces import face_concise
    from seqlang.syntax import tree

    workspace = open_workspace(str(target.folder))
    loaded = load_project(workspace)
    checked = check_project(loaded)
    constants = {d.name.text: d.value for m in loaded.text.modules for d in m.module.declarations if isinstance(d, tree.Let)}
    fold = (word or "").casefold()
    chosen = tuple(t for t in checked.tests if _asked(target, t.source.path) and fold in t.name.casefold())
    broken: tuple[str, ...] = ()
    if checked.plan is None:
        errors = tuple(d for d in checked.diagnostics if d.severity == "error")
        files = tuple(m.source.path for m in loaded.text.modules)
        report = report_of([(Checking(target.folder, files, errors, (), {}), prefix)])
        broken = (face_concise(report),)
    return Suite(target.folder, prefix, workspace.settings, checked, constants, chosen, broken)


def _asked(target: Target, path: str) -> bool:
    place = target.folder / path
    return not target.paths or any(place == p or place.is_relative_to(p) for p in target.paths)


def junit_report(suites: Sequence[Suite]) -> str:
    """Return all results as one JUnit document: a suite for each file."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for suite in suites:
        if suite.broken:
            name = quoteattr(suite.prefix or str(suite.folder))
            lines += [
                f'  <testsuite name={name} tests="1" failures="0" errors="1" skipped="0">',
                '    <testcase classname="seqlang" name="check">',
                f'      <error message="the project has errors">{escape(chr(10).join(suite.broken))}</error>',
                "    </testcase>",
                "  </testsuite>",
            ]
        for path in dict.fromkeys(r.path for r in suite.done):
            own = [r for r in suite.done if r.path == path]
            failed = sum(not r.passed for r in own)
            lines.append(
                f'  <testsuite name={quoteattr(path)} tests="{len(own)}" failures="{failed}" errors="0" skipped="0" '
                f'time="{sum(r.seconds for r in own):.3f}">'
            )
            for r in own:
                head = (
                    f'    <testcase classname={quoteattr(path)} name={quoteattr(r.name)} line="{r.line}" time="{r.seconds:.3f}"'
                )
                if r.passed:
                    lines.append(head + "/>")
                else:
                    first = r.report.split("\n", 1)[0]
                    failure = f"      <failure message={quoteattr(first)}>{escape(r.report)}</failure>"
                    lines += [head + ">", failure, "    </testcase>"]
            lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])
