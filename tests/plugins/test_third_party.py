"""A plugin that is no part of this project installs into a fresh environment, passes its own tests and delivers."""

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
EXAMPLE = ROOT / "examples" / "plugin-chat"
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


def _install(python: Path) -> None:
    """Install seqlang and the plugin, and nothing else, into the environment of that interpreter."""
    options = ["-q", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--ignore-installed"]
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", *options]
    subprocess.run([*pip, str(ROOT), str(EXAMPLE)], check=True, timeout=600)


@pytest.mark.slow
def test_third_party_plugin_installs_passes_its_tests_and_delivers(tmp_path: Path) -> None:
    place = tmp_path / "venv"
    # The libraries of this environment are there already; only seqlang and the plugin are installed.
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    target = next((place / "lib").glob("python*")) / "site-packages"
    (target / "libraries.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")) + "\n")
    _install(python)
    env = {**os.environ, "PYTHONPATH": str(target)}
    own_tests = ["-p", "no:cacheprovider", "--rootdir", str(EXAMPLE), "-c", os.devnull, str(EXAMPLE / "tests")]
    subprocess.run([python, "-m", "pytest", "-q", *own_tests], check=True, cwd=tmp_path, env=env, timeout=300)
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
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        env["CHAT_URL"] = f"http://127.0.0.1:{server.server_port}/room"
        done = subprocess.run(
            [python, "-c", DELIVER], check=True, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
        )
    finally:
        server.shutdown()
        server.server_close()
    assert done.stdout.strip() == "Accepted(id='9.x', detail='200 ok')"
    assert got == [{"id": "9.x", "text": "Kim replied", "room": "sales"}]
