"""The pictures of all examples, in all forms, are golden files."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from seqlang.app.graphs import Form, draw
from seqlang.app.workspace import open_workspace

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
FLOW = re.compile(r'^(?:classic|smart|outbound|cadence|workflow|journey)[^"\n]*"([^"\n]+)"', re.MULTILINE)
ENDINGS: dict[str, Form] = {"svg": "svg", "mmd": "mermaid", "dot": "dot"}


def pictures() -> list[tuple[str, str | None]]:
    """Return (example, flow) for every flow of every example, and (example, None) for each with several flows."""
    found: list[tuple[str, str | None]] = []
    for project in sorted(p.parent for p in (ROOT / "examples").glob("*/simulate.args")):
        names = [name for path in sorted(project.rglob("*.seq")) for name in FLOW.findall(path.read_text("utf-8"))]
        found += [(project.name, name) for name in names]
        found += [(project.name, None)] if len(names) > 1 else []
    return found


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("example", "flow"), pictures())
def test_an_example_looks_as_it_did(example: str, flow: str | None, ending: str, golden_update: bool) -> None:
    drawn = draw(open_workspace(str(ROOT / "examples" / example)), flow, ENDINGS[ending])
    place = GOLDEN / f"{example}{'' if flow is None else '-' + flow.lower().replace(' ', '-')}.{ending}"
    if golden_update:
        place.parent.mkdir(exist_ok=True)
        place.write_text(drawn, encoding="utf-8")
    assert drawn == place.read_text(encoding="utf-8")
    if ending == "svg":
        assert ET.fromstring(drawn).tag.endswith("svg")  # noqa: S314  # our own text


def test_the_guide_shows_the_picture_of_today() -> None:
    shown = ROOT / "docs" / "guides" / "pictures" / "trial-onboarding.svg"
    assert shown.read_text("utf-8") == (GOLDEN / "trial-onboarding-trial-onboarding.svg").read_text("utf-8")


def test_no_golden_picture_is_left_over() -> None:
    wanted = {f"{e}{'' if f is None else '-' + f.lower().replace(' ', '-')}.{x}" for e, f in pictures() for x in ENDINGS}
    assert {place.name for place in GOLDEN.iterdir()} == wanted
