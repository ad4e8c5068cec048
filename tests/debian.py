"""Programs of Debian's packages that some tests need: real mail servers, an SMS centre, a browser, an editor.

A test says what it needs by `@pytest.mark.debian("postfix", "dovecot")`: names of programs, or absolute paths. Where one is
missing the test is skipped and says so; where SEQLANG_REQUIRE_SERVERS is set, as `.ci/run` does, that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator

import pytest

REQUIRED = "SEQLANG_REQUIRE_SERVERS"
SYSTEM_PLACES = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # what an ordinary user's PATH leaves out
PACKAGES = {  # where the package has another name than its program
    "bearerbox": "kannel",
    "dovecot": "dovecot-imapd",
    "node": "nodejs",
    "nvim": "neovim",
    "smsbox": "kannel",
    "/usr/lib/dovecot/lmtp": "dovecot-lmtpd",
    "/usr/lib/kannel/test/fakesmsc": "kannel",
}


def required() -> bool:
    """Tell whether a missing program is a failure."""
    return os.environ.get(REQUIRED, "") not in {"", "0"}


def program(name: str) -> str | None:
    """Return the path of a program; None where it is not installed."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_PLACES)))


def missing(names: tuple[str, ...]) -> str | None:
    """Say which of the programs are not installed, and which packages bring them; None where all are there."""
    absent = [name for name in names if program(name) is None]
    if not absent:
        return None
    packages = sorted({PACKAGES.get(name, name) for name in absent})
    return f"needs {', '.join(absent)}: apt-get install {' '.join(packages)}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose programs are not installed (`@pytest.mark.debian("postfix")`); where they are required, fail."""
    for marker in item.iter_markers("debian"):
        reason = missing(marker.args)
        if reason is not None:
            (pytest.fail if required() else pytest.skip)(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a failure of any other skip of such a test where its programs are required: CI skips none of them."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and item.get_closest_marker("debian") and required():
        report.outcome = "failed"
        report.longrepr = f"skipped, though {REQUIRED} is set: {report.longrepr}"
    return report
