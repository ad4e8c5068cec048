"""Plugins that are no part of this project install into a fresh environment, pass their own tests, are listed and deliver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import venv
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = (ROOT / "examples" / "plugin-chat", ROOT / "examples" / "plugin-house-rules")
MAIN = "import sys; from seqlang.cli.main import main; sys.exit(main(sys.argv[1:]))"
DELIVER = """
import sys
from datetime import UTC, datetime
from seqlang.host import load
from seqlang.sdk import MailboxSettings, Message
host = load()
info = next(p for p in host.plugins() if p.name == "chat")
assert host.verify() == (), host.problems
assert info.distribution == "seqlang-chat" and info.version == "1.0.0", info
assert host.words.channel("chat").option("room").words == ("sales", "support")
assert {"email", "call", "task"} <= {c.word for c in host.words.channels}
message = Message("9.x", "chat", "", {"text": "Kim replied", "room": "sales"}, datetime(2026, 3, 2, tzinfo=UTC))
print(host.deliver("chat", message, MailboxSettings("chat", "default", {"url": {"env": "CHAT_URL"}})))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with seqlang, the examples' plugins and one that `plugin new` has just made."""
    folder = tmp_path_factory.mktemp("third-party")
    place = folder / "venv"
    # The libraries of this environment are there already; only seqlang and the plugins are installed.
    venv.create(place, with_pip=False, symlinks=True)
    target = next((place / "lib").glob("python*")) / "site-packages"
    (target / "libraries.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")) + "\n")
    new = [sys.executable, "-c", MAIN, "plugin", "new", "team-chat", "--in", str(folder / "made")]
    subprocess.run(new, check=True, timeout=60)
    options = ["-q", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--ignore-installed"]
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", *options]
    subprocess.run([*pip, str(ROOT), *(str(e) for e in EXAMPLES), str(folder / "made")], check=True, timeout=600)
    return place / "bin" / "python"


def environment(python: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(next((python.parents[1] / "lib").glob("python*")) / "site-packages")}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plugin-chat", "plugin-house-rules", "made"])
def test_third_party_plugin_installs_and_passes_its_own_tests(python: Path, name: str, tmp_path: Path) -> None:
    folder = python.parents[2] / "made" if name == "made" else ROOT / "examples" / name
    own_tests = ["-p", "no:cacheprovider", "--rootdir", str(folder), "-c", os.devnull, str(folder / "tests")]
    subprocess.run([python, "-m", "pytest", "-q", *own_tests], check=True, cwd=tmp_path, env=environment(python), timeout=300)


@pytest.mark.slow
def test_plugins_appear_in_the_list(python: Path, tmp_path: Path) -> None:
    done = subprocess.run([python, "-c", MAIN, "plugin", "list", "--format", "json"], check=True, cwd=tmp_path,
                          env=environment(python), capture_output=True, text=True, timeout=120)  # fmt: skip
    listed = {p["name"]: p for p in json.loads(done.stdout)}
    assert all(listed[name]["problem"] is None for name in ("chat", "house_rules", "team_chat", "email", "csv"))
    assert [c["word"] for c in listed["team_chat"]["channels"]] == ["team_chat"]
    assert (listed["team_chat"]["distribution"], listed["team_chat"]["version"]) == ("seqlang-team-chat", "0.1.0")
    assert {f["name"] for f in listed["house_rules"]["further"]} == {"HOUSE101", "HOUSE102", "house.free mail"}


@pytest.mark.slow
def test_channel_of_a_third_party_delivers(python: Path, tmp_path: Path) -> None:
    got: list[object] = []

    class Room(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = HTTPServer(("127.0.0.1", 0), Room)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        env = {**environment(python), "CHAT_URL": f"http://127.0.0.1:{server.server_port}/room"}
        done = subprocess.run(
            [python, "-c", DELIVER], check=True, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
        )
    finally:
        server.shutdown()
        server.server_close()
    assert done.stdout.strip() == "Accepted(id='9.x', detail='200 ok', recipient=None)"
    assert got == [{"id": "9.x", "text": "Kim replied", "room": "sales"}]
