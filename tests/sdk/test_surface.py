"""The door of the SDK: its exports, its weight, its version."""

from __future__ import annotations

import subprocess
import sys

import pytest

from seqlang import sdk
from seqlang.sdk.version import fits
from tests.sdk.surface import GOLDEN, surface


def test_exports_are_sorted_and_there() -> None:
    assert sorted(sdk.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)) == sdk.__all__
    assert all(getattr(sdk, name) is not None for name in sdk.__all__)


def test_surface_did_not_change_by_accident() -> None:
    """Meant: a new SDK_VERSION, a line of the changelog, `python -m tests.sdk.surface`."""
    assert surface() == GOLDEN.read_text("utf-8")


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = sdk.nothing_here


def test_import_brings_no_heavy_module() -> None:
    code = "import sys, seqlang.sdk; print(' '.join(sorted({m.partition('.')[0] for m in sys.modules})))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert loaded.isdisjoint({"sqlalchemy", "jinja2", "pydantic", "pluggy", "rich", "lark", "click"})


@pytest.mark.parametrize(("wanted", "fitting"), [("1.0", True), ("1.2", True), ("1", False), ("1.99", False), ("2.0", False)])
def test_version_fits_the_same_major_and_no_later_minor(wanted: str, fitting: bool) -> None:
    if wanted == "1":
        with pytest.raises(ValueError, match="unpack"):
            fits(wanted)
    else:
        assert fits(wanted) is fitting
