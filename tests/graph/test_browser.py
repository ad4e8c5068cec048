"""In a real browser: no label is cut off, none lies over another, and dark differs from light."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path

import pytest

from seqlang.graph import flow_picture, project_picture, svg
from tests.debian import program
from tests.graph.worlds import plan_of

GOLDEN = Path(__file__).parent / "golden"
LOOK = """
const out = [];
const hit = (a, b) => a.left < b.right - .5 && b.left < a.right - .5 && a.top < b.bottom - .5 && b.top < a.bottom - .5;
document.querySelectorAll('section').forEach(section => {
  const name = section.id, paper = section.querySelector('svg').getBoundingClientRect();
  const groups = [...section.querySelectorAll('g.shape, g.words')];
  const frames = groups.map(g => g.querySelector('rect, polygon').getBoundingClientRect());
  groups.forEach((g, i) => {
    g.querySelectorAll('text').forEach(t => {
      const r = t.getBoundingClientRect(), f = frames[i];
      const inside = r.left >= f.left && r.right <= f.right && r.top >= f.top - 1 && r.bottom <= f.bottom + 1;
      if (!inside) out.push([name, 'cut off', t.textContent]);
    });
    const texts = [...g.querySelectorAll('text')].map(t => t.getBoundingClientRect());
    texts.forEach((a, x) => texts.slice(x + 1).forEach(b => {
      const middle = {left: b.left, right: b.right, top: b.top + 3, bottom: b.bottom - 3};
      if (hit(a, middle)) out.push([name, 'texts overlap', g.textContent]);
    }));
    frames.forEach((f, j) => { if (i < j && hit(frames[i], f)) out.push([name, 'shapes overlap', g.textContent]); });
  });
  section.querySelectorAll('text').forEach(t => {
    const r = t.getBoundingClientRect();
    if (r.left < paper.left || r.right > paper.right || r.bottom > paper.bottom) out.push([name, 'off the paper', t.textContent]);
  });
});
const probe = document.querySelector('svg');
document.body.textContent = JSON.stringify({wrong: out, paper: getComputedStyle(probe).backgroundColor});
"""


def looked_at(pictures: dict[str, str], folder: Path, *arguments: str) -> dict[str, object]:
    """Open the pictures in Chromium and return what it measured."""
    sections = "".join(f'<section id="{html.escape(name)}">{text}</section>' for name, text in pictures.items())
    page = folder / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{sections}<script>{LOOK}</script></body>", encoding="utf-8")
    chromium = program("chromium")
    assert chromium is not None
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True, timeout=90)
    body = re.search(r"<body>(.*?)</body>", done.stdout, re.DOTALL)
    assert body is not None
    found: dict[str, object] = json.loads(html.unescape(body[1]))
    return found


@pytest.mark.debian("chromium")
def test_no_label_is_cut_off_and_dark_is_dark(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    pictures = {place.stem: place.read_text("utf-8") for place in sorted(GOLDEN.glob("*.svg"))}
    pictures |= {flow.name: svg(flow_picture(flow)) for flow in plan.flows}
    pictures["the project"] = svg(project_picture(plan))
    found = looked_at(pictures, tmp_path)
    assert found == {"wrong": [], "paper": "rgb(255, 255, 255)"}
    dark = looked_at({"one": next(iter(pictures.values()))}, tmp_path, "--blink-settings=preferredColorScheme=0")
    assert dark["paper"] == "rgb(20, 24, 31)"
