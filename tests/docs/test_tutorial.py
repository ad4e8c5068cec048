"""The tutorial, followed word for word: its files are written, its commands run, its outputs compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs/tutorial.md"
BLOCK = re.compile(r"^```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
ADDED = ", at its end"


class Reader:
    """Somebody at a terminal, with the tutorial open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = ""
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        plain = {k: v for k, v in os.environ.items() if not k.startswith("SEQLANG_")}
        self.environment = plain | {"PATH": programs, "NO_COLOR": "1"}

    def writes(self, title: str, text: str) -> None:
        path = self.folder / title.removesuffix(ADDED)
        before = path.read_text("utf-8") + "\n" if title.endswith(ADDED) else ""
        path.write_text(before + text, "utf-8")

    def types(self, line: str, *, code: int = 0) -> None:
        if line.startswith("cd "):
            self.folder /= line.removeprefix("cd ")
            return
        asked = ["bash", "-c", line]
        done = subprocess.run(asked, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        self.told = done.stdout + done.stderr
        assert done.returncode == code, f"{line}\n{self.told}"

    def sees(self, shown: str) -> None:
        assert [line for line in shown.splitlines() if line.strip() not in self.told] == [], self.told

    def slips(self, wrong: str, right: str) -> None:
        """Section 3: the field is misspelt, the checker says so, and the word is put right."""
        path = self.folder / "trial.seq"
        text = path.read_text("utf-8")
        path.write_text(text.replace(f"where {right}", f"where {wrong}"), "utf-8")
        self.types("seqlang check", code=1)
        path.write_text(text, "utf-8")


@pytest.mark.slow
def test_the_tutorial_word_for_word(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in BLOCK.finditer(TUTORIAL.read_text("utf-8")):
        kind, title, text = block["kind"], block["title"], block["text"]
        if title:
            reader.writes(title, text)
        elif kind == "sh":
            for line in text.splitlines():
                reader.types(line)
        elif kind == "text":
            if "scroe" in text:
                reader.slips("scroe", "score")
            reader.sees(text)
    assert (reader.folder / "seqlang.db").exists()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["fmt --check", "check --strict"])
def test_what_the_tutorial_writes_is_in_order(command: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in BLOCK.finditer(TUTORIAL.read_text("utf-8")):
        if block["title"]:
            reader.writes(block["title"], block["text"])
    reader.types(f"seqlang {command}")
