"""The workflows that the guide and `seqlang init` give are right by their schemas, and the hooks exist."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guides/ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
STARTER = ROOT / "seqlang/app/starter"


def yaml(text: str) -> Any:
    """Return what a YAML text says; `on` is a word here, as GitHub has it."""
    return YAML(typ="safe").load(text)


@cache
def schema(name: str) -> Any:
    """Return a schema that check-jsonschema brings."""
    place = resources.files("check_jsonschema.builtin_schemas").joinpath("vendor", f"{name}.json")
    loaded = json.loads(place.read_text("utf-8"))
    return jsonschema.validators.validator_for(loaded)(loaded)


def wrong(name: str, document: Any) -> list[str]:
    return [f"{list(error.path)}: {error.message}" for error in schema(name).iter_errors(document)]


@pytest.mark.parametrize(
    "text",
    [(STARTER / "github-workflow.yml").read_text("utf-8"), *(b for b in BLOCKS if "runs-on" in b)],
    ids=["init", "code scanning"],
)
def test_a_workflow_for_github_is_right_by_its_schema(text: str) -> None:
    document = yaml(text)
    assert wrong("github-workflows", document) == []
    assert "seqlang" in text


def test_a_job_for_gitlab_is_right_by_its_schema() -> None:
    (text,) = (b for b in BLOCKS if "codequality" in b)
    assert wrong("gitlab-ci", yaml(text)) == []


def test_the_guide_shows_the_workflow_that_init_writes() -> None:
    assert '--8<-- "seqlang/app/starter/github-workflow.yml"' in GUIDE


def test_the_hooks_that_the_guide_names_exist() -> None:
    (text,) = (b for b in BLOCKS if "hooks:" in b)
    named = {hook["id"] for repo in yaml(text)["repos"] for hook in repo["hooks"]}
    offered = {hook["id"]: hook for hook in yaml((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert named <= set(offered)
    local = yaml((STARTER / "pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    assert {hook["id"] for hook in local} == set(offered)
    for hook in local:
        assert hook["entry"] == offered[hook["id"]]["entry"]
