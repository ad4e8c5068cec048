"""The bundled plugins bring exactly the words of the language reference, as data."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from seqlang.host.manifest import Manifest, read
from seqlang.sdk.version import MANIFEST_NAME
from seqlang.vocabulary.channels import ChannelSpec
from seqlang.vocabulary.policies import PolicySpec

ROOT = Path(__file__).parents[2]
MANIFESTS: dict[str, Manifest] = {path.parts[-3]: read(path) for path in sorted(ROOT.glob(f"plugins/*/*/{MANIFEST_NAME}"))}
CHANNELS: dict[str, ChannelSpec] = {c.word: c for m in MANIFESTS.values() for c in m.channels}
POLICIES: dict[str, PolicySpec] = {p.name: p for m in MANIFESTS.values() for p in m.policies}
EMAIL = {
    "template",
    "text",
    "subject",
    "from",
    "reply_to",
    "to",
    "cc",
    "bcc",
    "reply_to_step",
    "track",
    "unsubscribe",
    "review",
    "attachments",
}
OPTIONS = {  # LANGUAGE 6
    "email": EMAIL,
    "email_reminder": EMAIL | {"assignee", "due"},
    "notify": {"to", "template", "text", "subject"},
    "sms": {"text", "from", "segments"},  # beyond the language: how many segments are meant
    "call": {"script", "outcomes", "assignee", "due"},
    "task": {"title", "notes", "outcomes", "assignee", "due"},
    "webhook": {"url", "method", "headers", "body", "secret"},
}
REQUIRED = {"notify": {"to", "subject"}, "sms": {"text"}, "task": {"title"}, "webhook": {"url"}}


def test_words_are_those_of_the_language() -> None:
    assert set(CHANNELS) == set(OPTIONS)


@pytest.mark.parametrize("word", sorted(OPTIONS))
def test_channel_has_the_options_of_the_language(word: str) -> None:
    assert {o.name for o in CHANNELS[word].options} == OPTIONS[word]
    assert {o.name for o in CHANNELS[word].options if o.required} == REQUIRED.get(word, set())
    assert all(o.help for o in CHANNELS[word].options)
    one_of = (("template", "text"),) if word in ("email", "email_reminder", "notify") else ()
    assert CHANNELS[word].one_of == one_of


def test_outcomes_have_the_defaults_of_the_language() -> None:
    call, task = CHANNELS["call"].option("outcomes"), CHANNELS["task"].option("outcomes")
    assert call is not None
    assert task is not None
    assert call.default == ("Connected", "No answer", "Voicemail", "Wrong number")
    assert task.default == ("Done",)


def test_policies_are_these() -> None:
    assert set(POLICIES) == {f"freshsales.{n}" for n in ("free", "growth", "pro", "enterprise", "trial")} | {
        f"salesmate.{n}" for n in ("starter", "growth", "boost", "enterprise", "trial")
    }


@pytest.mark.parametrize(
    ("name", "flows", "emails"),
    [
        ("freshsales.free", 0, 0),
        ("freshsales.growth", 10, 500),
        ("freshsales.pro", 25, 1000),
        ("freshsales.enterprise", None, 2000),
        ("salesmate.starter", 0, 0),
        ("salesmate.growth", 5, 500),
        ("salesmate.boost", 10, 1000),
        ("salesmate.enterprise", 25, 1500),
    ],
)
def test_plan_has_its_figures(name: str, flows: int | None, emails: int) -> None:
    plan = POLICIES[name]
    limit = plan.limits[0]
    assert (plan.flows_per_user, limit.count, limit.per, limit.window) == (flows, emails, "user", "day")
    assert limit.over == ("retry once" if name.startswith("freshsales") else "defer")


@pytest.mark.parametrize("path", sorted(ROOT.glob(f"plugins/*/*/{MANIFEST_NAME}")), ids=lambda path: path.parts[-3])
def test_plugin_stands_in_the_entry_points_of_the_project(path: Path) -> None:
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["seqlang.plugins"]
    assert entries[path.parts[-3]] == path.parts[-2]
