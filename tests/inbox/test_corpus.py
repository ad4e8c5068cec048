"""A corpus of mails as servers and people write them, and what each of them means: golden files."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from seqlang.inbox import Understood, understand

CORPUS = Path(__file__).parent / "corpus"
MAILS = sorted(CORPUS.glob("*.eml"))
TODAY = date(2026, 3, 2)
EMPTY: tuple[object, ...] = (None, "", (), frozenset(), False)
KINDS = {  # how the name of a mail begins: what it must be, whatever the golden files say
    "reply": {"reply"},
    "forwarded": {"reply"},
    "away": {"out_of_office"},
    "bounce": {"bounce"},
    "complaint": {"complaint", "automatic"},
    "opt": {"opt_out"},
    "calendar": {"meeting", "automatic", "reply"},
    "newsletter": {"automatic"},
    "read": {"automatic"},
    "ticket": {"automatic"},
    "broken": {"reply", "bounce"},
}


def shown(found: Understood) -> dict[str, Any]:
    """Return what is known as plain data; what is empty is left out, and so is the name made of the whole."""
    data = {k: v for k, v in asdict(found).items() if k != "key" and v not in EMPTY}
    data["failures"] = [{k: v for k, v in f.items() if v != ""} for f in data.get("failures", ())]
    if not data["failures"]:
        del data["failures"]
    return json.loads(json.dumps(data, default=lambda v: sorted(v) if isinstance(v, frozenset) else str(v)))  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", MAILS, ids=lambda p: p.stem)
def test_each_mail_means_what_its_golden_file_says(path: Path, golden_update: bool) -> None:
    found = shown(understand(path.read_bytes(), TODAY))
    golden = path.with_suffix(".json")
    if golden_update:
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(golden.read_text("utf-8"))
    assert found["kind"] in KINDS[path.stem.partition("-")[0]]


@pytest.mark.parametrize("path", MAILS, ids=lambda p: p.stem)
def test_a_mail_with_other_line_ends_means_the_same(path: Path) -> None:
    raw = path.read_bytes()
    assert shown(understand(raw.replace(b"\n", b"\r\n"), TODAY)) == shown(understand(raw, TODAY))


def test_each_mail_has_its_golden_file_and_the_other_way_round() -> None:
    assert {p.stem for p in MAILS} == {p.stem for p in CORPUS.glob("*.json")}
    assert len({understand(p.read_bytes(), TODAY).key for p in MAILS}) == len(MAILS)
