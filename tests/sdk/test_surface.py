"""The door of the SDK: its exports, its weight, its version."""

from __future__ import annotations

import subprocess
import sys

import pytest

from seqlang import sdk
from seqlang.sdk.version import fits

EXPORTS = [
    "ENTRY_POINT_GROUP",
    "MANIFEST_NAME",
    "MARK",
    "SDK_VERSION",
    "Accepted",
    "Attachment",
    "Body",
    "Channel",
    "ChannelSpec",
    "Inbox",
    "Incoming",
    "MailboxSettings",
    "Message",
    "OptionSpec",
    "Outcome",
    "Person",
    "PolicyLimit",
    "PolicySpec",
    "Redacting",
    "Rejected",
    "Retry",
    "Secret",
    "SecretError",
    "SettingSpec",
    "Thread",
    "Tracking",
    "Unavailable",
    "Unclear",
    "Value",
    "fill",
    "hookimpl",
    "redact",
]


def test_exports_are_these_and_sorted() -> None:
    assert sdk.__all__ == EXPORTS
    assert sorted(sdk.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)) == EXPORTS
    assert all(getattr(sdk, name) is not None for name in EXPORTS)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = sdk.nothing_here


def test_import_brings_no_heavy_module() -> None:
    code = "import sys, seqlang.sdk; print(' '.join(sorted({m.partition('.')[0] for m in sys.modules})))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert loaded.isdisjoint({"sqlalchemy", "jinja2", "pydantic", "pluggy", "rich", "lark", "click"})


@pytest.mark.parametrize(("wanted", "fitting"), [("1.0", True), ("1.1", True), ("1", False), ("1.99", False), ("2.0", False)])
def test_version_fits_the_same_major_and_no_later_minor(wanted: str, fitting: bool) -> None:
    if wanted == "1":
        with pytest.raises(ValueError, match="unpack"):
            fits(wanted)
    else:
        assert fits(wanted) is fitting
