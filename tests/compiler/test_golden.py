"""Projects and their plans, byte for byte: what compiles today compiles to the same tomorrow.

`SEQLANG_GOLDEN_UPDATE=1 pytest tests/compiler` writes the plans anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from seqlang.compiler import compile_project
from seqlang.plan.model import FlowPlan, canonical, digest
from tests.semantics.reading import project

FOLDER = Path(__file__).parent / "golden"
PROJECTS = sorted(p.name for p in FOLDER.iterdir() if p.is_dir())


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_compiles_to_its_plan(name: str) -> None:
    checked = compile_project(project((FOLDER / name / "flows.seq").read_text("utf-8")))
    assert checked.plan is not None, [f"{d.code} {d.message}" for d in checked.diagnostics]
    found = json.dumps(json.loads(canonical(checked.plan)), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    place = FOLDER / name / "plan.json"
    if os.environ.get("SEQLANG_GOLDEN_UPDATE"):
        place.write_text(found, "utf-8")
    assert found == place.read_text("utf-8")


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_compiled_twice_gives_the_same_bytes(name: str) -> None:
    text = (FOLDER / name / "flows.seq").read_text("utf-8")
    first, second = compile_project(project(text)), compile_project(project(text))
    assert first.plan is not None
    assert second.plan is not None
    assert canonical(first.plan) == canonical(second.plan)
    assert [digest(f) for f in first.plan.flows] == [digest(f) for f in second.plan.flows]


@pytest.mark.parametrize("name", PROJECTS)
def test_a_plan_survives_json(name: str) -> None:
    checked = compile_project(project((FOLDER / name / "flows.seq").read_text("utf-8")))
    assert checked.plan is not None
    for flow in checked.plan.flows:
        assert FlowPlan.model_validate_json(canonical(flow)) == flow


@pytest.mark.parametrize("name", PROJECTS)
def test_every_content_that_a_plan_names_is_handed_over(name: str) -> None:
    checked = compile_project(project((FOLDER / name / "flows.seq").read_text("utf-8")))
    assert checked.plan is not None
    named = {part.split('"')[0] for part in canonical(checked.plan).split('"sha256":"')[1:]}
    assert named <= set(checked.contents)
