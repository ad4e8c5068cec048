"""The language server: how long an editor waits for what may be written, after each key press in a file of a thousand lines."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks.measuring import Finding, Sizes
from benchmarks.programs import RECORDS, flow

LINES = 1_000
TYPED = "    when score >= 20 and stage = "
TARGET_SECONDS = 0.05


class Editor:
    """The least of a client: it writes messages and reads until the answer comes."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "seqlang.cli.main", "lsp"]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.cpu = psutil.Process(self.server.pid)
        self.number = 0

    def send(self, method: str, params: Any, number: int | None = None) -> None:
        """Write a notification, or a request where it has a number."""
        message = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number is not None else {})
        body = json.dumps(message).encode()
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.stdin.flush()

    def read(self) -> dict[str, Any]:
        """Read a message."""
        assert self.server.stdout is not None
        length = 0
        while line := self.server.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        found: dict[str, Any] = json.loads(self.server.stdout.read(length))
        return found

    def ask(self, method: str, params: Any) -> Any:
        """Ask, and return the answer; what else comes is left aside."""
        self.number += 1
        self.send(method, params, self.number)
        while (found := self.read()).get("id") != self.number or "method" in found:
            pass
        return found.get("result")

    def clock(self, sizes: Sizes) -> float:
        """Return the time on the wall, or the CPU seconds that the server has used."""
        if not sizes.cpu:
            return time.perf_counter()
        used = self.cpu.cpu_times()
        return float(used.user + used.system)


def thousand_lines() -> str:
    """Return a file of a thousand lines."""
    parts = [RECORDS]
    while sum(part.count("\n") for part in parts) < LINES:
        parts.append(flow(len(parts)))
    return "".join(parts)


def key_press(sizes: Sizes) -> list[Finding]:
    """Type a condition in the middle of the file, a letter at a time, and ask what may follow after each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seqlang.toml").write_text('name = "big"\n', "utf-8")
        place = folder / "big.seq"
        text = thousand_lines()
        place.write_text(text, "utf-8")
        editor = Editor(folder)
        uri = place.as_uri()
        editor.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
        editor.send("initialized", {})
        document = {"uri": uri, "languageId": "seq", "version": 1, "text": text}
        editor.send("textDocument/didOpen", {"textDocument": document})
        while editor.read().get("method") != "textDocument/publishDiagnostics":
            pass
        waits, checked = _type(editor, uri, text, sizes)
        editor.ask("shutdown", None)
        editor.send("exit", None)
        editor.server.wait(timeout=20)
    waits.sort()
    late = waits[int(len(waits) * 0.95)]
    what = f"a key press in {text.count(chr(10)):,} lines"
    note = f"of {len(waits)}: median {median(waits) * 1000:.0f} ms, 95 % within {late * 1000:.0f} ms"
    return [
        Finding(what, late, "s", None, "at most 0.05 s", reached=late <= TARGET_SECONDS, note=note),
        Finding("its diagnostics, after the last one", checked, "s", None, "", note="a pause of 0.15 s included"),
    ]


def _type(editor: Editor, uri: str, text: str, sizes: Sizes) -> tuple[list[float], float]:
    """Return how long each answer took, and how long the check after the last one."""
    middle = text.index("    when score", len(text) // 2)
    line = text.count("\n", 0, middle)
    waits = []
    for column, letter in enumerate(TYPED + '"'):
        began = editor.clock(sizes)
        at = {"line": line, "character": column}
        change = {"range": {"start": at, "end": at}, "text": letter}
        editor.send("textDocument/didChange", {"textDocument": {"uri": uri, "version": column + 2}, "contentChanges": [change]})
        after = {"line": line, "character": column + 1}
        editor.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": after})
        waits.append(editor.clock(sizes) - began)
    began = editor.clock(sizes)
    while editor.read().get("method") != "textDocument/publishDiagnostics":
        pass
    return waits, editor.clock(sizes) - began
