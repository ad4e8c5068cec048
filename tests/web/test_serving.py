"""`seqlang serve` as a process of its own: where it listens, how it stops, what it says of secrets."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from seqlang.dispatch.links import Links
from seqlang.store import Store
from seqlang.store.tables import event
from tests.dispatch.world import World
from tests.web.site import BROWSER, SECRET, URL

pytestmark = pytest.mark.slow  # each starts the program
SETTINGS = f'database = "sqlite:///seqlang.db"\n[web]\nurl = "{URL}"\nsecret = {{ env = "SITE_SECRET" }}\n'


@contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run it on a free port; give the process and the address that it says."""
    command = [sys.executable, "-m", "seqlang.cli.main", "serve", "--port", "0", "--project", str(folder), *options]
    given = {**os.environ, "SITE_SECRET": SECRET, **environment}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=given)
    try:
        assert process.stderr is not None
        line = ""
        while not (found := re.search(r"listening on (http://\S+);", line)):
            line = process.stderr.readline()
            assert line, process.wait()
        yield process, found[1]
    finally:
        process.kill()
        process.wait()


def get(address: str) -> int:
    request = urllib.request.Request(address, headers={"User-Agent": BROWSER})
    with urllib.request.urlopen(request) as answer:
        return int(answer.status)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seqlang.toml").write_text(SETTINGS)
    store = Store.open(f"sqlite:///{tmp_path / 'seqlang.db'}", create=True)
    World(store).contact("kim@example.com")
    store.close()
    return tmp_path


def test_what_was_heard_is_written_before_it_ends(folder: Path) -> None:
    links = Links("", SECRET)
    picture = f"/o/7-1.{links._signature('o', '7-1')}.gif"
    with serving(folder) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        assert get(address + picture) == 200
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)[1]
    assert (process.returncode, said) == (0, "stopped\n")
    store = Store.open(f"sqlite:///{folder / 'seqlang.db'}")
    with store.read() as conn:
        assert [(e.kind, e.contact_id) for e in conn.execute(select(event))] == [("opened", 1)]
    store.close()


def test_to_dos_are_a_calendar_at_the_address_that_todo_says(folder: Path) -> None:
    command = [sys.executable, "-m", "seqlang.cli.main", "todo", "--owner", "Ana@example.com", "--format", "ics-address"]
    given = {**os.environ, "SITE_SECRET": SECRET}
    told = subprocess.run([*command, "--project", str(folder)], capture_output=True, text=True, env=given, check=True)
    assert told.stdout.startswith(f"{URL}/t/")
    path = told.stdout.strip().removeprefix(URL)
    with serving(folder) as (_, address):
        with urllib.request.urlopen(address + path) as answer:
            assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
            assert answer.read().startswith(b"BEGIN:VCALENDAR\r\n")
        for forged in (path.replace("/t/", "/t/x"), path[:-5] + "0.ics", "/t/.ics", path.replace("/t/", "/u/")):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(address + forged)


@pytest.mark.parametrize(
    ("settings", "environment", "said"),
    [
        (SETTINGS, {"SITE_SECRET": ""}, "the secret of `[web]` cannot be had: the environment variable SITE_SECRET is empty"),
        (SETTINGS, {"SITE_SECRET": "short"}, "the secret of `[web]` has fewer than 16 characters"),
        (f'[web]\nurl = "{URL}"\n', {}, "`[web]` has a `url` and no `secret`"),
        (SETTINGS + '[web.hooks.a]\nsecret = { env = "NOT_SET_AT_ALL" }\n', {}, "the secret of the hook `a` cannot be had"),
    ],
)
def test_secret_that_cannot_be_had_is_one_clear_line(
    folder: Path, settings: str, environment: dict[str, str], said: str
) -> None:
    (folder / "seqlang.toml").write_text(settings)
    command = [sys.executable, "-m", "seqlang.cli.main", "serve", "--port", "0", "--project", str(folder)]
    given = {**os.environ, "SITE_SECRET": SECRET, **environment}
    done = subprocess.run(command, capture_output=True, text=True, env=given, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {said}")
    assert done.stderr.count("\n") == 1


def test_port_that_is_taken_is_one_clear_line(folder: Path) -> None:
    with serving(folder) as (_, address):
        port = address.rpartition(":")[2]
        command = [sys.executable, "-m", "seqlang.cli.main", "serve", "--port", port, "--project", str(folder)]
        given = {**os.environ, "SITE_SECRET": SECRET}
        done = subprocess.run(command, capture_output=True, text=True, env=given, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: cannot listen on 127.0.0.1:{port}: address already in use")
