"""The pytest plugin: `pytest` in a project runs its `test` blocks too.

Light: nothing of seqlang is loaded until a `.seq` file with tests is met.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from seqlang.app.testing import Suite
    from seqlang.semantics.trials import CheckedTest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch."""
    parser.addini("seqlang", "collect the `test` blocks of .seq files", type="bool", default=True)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a `.seq` file that has tests and belongs to a project."""
    if file_path.suffix != ".seq" or not parent.config.getini("seqlang") or not _has_tests(file_path):
        return None
    if not any((folder / "seqlang.toml").is_file() for folder in file_path.parents):
        return None
    return SeqFile.from_parent(parent, path=file_path)


def _has_tests(path: Path) -> bool:
    try:
        return any(line.lstrip().startswith(b"test ") for line in path.read_bytes().splitlines())
    except OSError:
        return False


class SeqFile(pytest.File):
    """One file with `test` blocks."""

    def collect(self) -> Iterable[pytest.Item]:
        """Check the project and yield the file's tests."""
        from seqlang.app.checking import targets
        from seqlang.app.testing import open_suite
        from seqlang.errors import SeqlangError

        try:
            suite = open_suite(targets([str(self.path)])[0])
        except SeqlangError as wrong:
            raise self.CollectError(wrong.message) from None
        if suite.broken:
            raise self.CollectError("\n".join(suite.broken))
        for test in suite.chosen:
            yield SeqItem.from_parent(self, name=test.name, suite=suite, test=test)


class SeqItem(pytest.Item):
    """One `test` block."""

    def __init__(self, *, suite: Suite, test: CheckedTest, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.suite = suite
        self.test = test
        self.funcargs: dict[str, Any] = {}  # other plugins look into it; a `test` block asks for no fixtures

    def runtest(self) -> None:
        """Play it."""
        result = self.suite.play(self.test)
        if not result.passed:
            raise Unmet(result.report)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the expectations beside the timeline."""
        if isinstance(excinfo.value, Unmet):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test stands."""
        line, _ = self.test.source.position(self.test.node.span.start)
        return self.path, line - 1, self.name


class Unmet(Exception):  # noqa: N818 - what pytest shows is its text
    """An expectation was not met."""
