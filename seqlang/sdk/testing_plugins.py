"""What is asked of every plugin: found, read as data, fast to import, with hooks that exist."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from seqlang.sdk.version import ENTRY_POINT_GROUP, MANIFEST_NAME, fits

IMPORT_SECONDS_MAX = 0.1
FORBIDDEN = ("sqlalchemy", "jinja2", "lark", "click", "rich")
SetEnv = Callable[[str, str], None]
_MEASURE = """
import sys, time
import seqlang.sdk, seqlang.sdk.hooks
for name in seqlang.sdk.__all__: getattr(seqlang.sdk, name)
began = time.process_time()
import {module}
print(time.process_time() - began)
print(" ".join(sorted(m.partition(".")[0] for m in sys.modules)))
"""


class PluginConformance:
    """What is asked of every plugin."""

    plugin: ClassVar[str] = ""

    def test_plugin_is_installed(self) -> None:
        """Its entry point is there, once, and its module can be found."""
        assert _spec(self._entry()) is not None, f"the module {self._entry().module} is not there"

    def test_manifest_is_data_of_this_interface(self) -> None:
        """What it brings stands in a manifest that this version understands."""
        assert fits(str(self._manifest().get("sdk"))), "the manifest's `sdk` is none that this version understands"

    def test_import_is_fast_and_light(self) -> None:
        """Importing it takes under 100 ms of the processor (the best of five) and brings none of the core's heavy parts."""
        times, modules = [], set()
        for _ in range(5):
            code = _MEASURE.format(module=self._entry().module)
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  ourselves
            seconds, names = done.stdout.splitlines()
            times.append(float(seconds))
            modules = set(names.split())
            if min(times) < IMPORT_SECONDS_MAX:
                break
        assert min(times) < IMPORT_SECONDS_MAX, f"importing takes {min(times) * 1000:.0f} ms"
        assert modules.isdisjoint(FORBIDDEN), f"importing brings {', '.join(sorted(modules.intersection(FORBIDDEN)))}"

    def test_code_has_only_hooks_that_exist(self) -> None:
        """Every hook it implements is one of the interface."""
        assert self._hooks() is not None

    # ----------------------------------------------------------------------------------------------------------- its parts

    def _entry(self) -> EntryPoint:
        found = [e for e in entry_points(group=ENTRY_POINT_GROUP) if e.name == self.plugin]
        assert found, f"no plugin of the name {self.plugin} is installed: `pip install -e .` in its folder"
        assert len({e.module for e in found}) == 1, f"several plugins have the name {self.plugin}"
        return found[0]

    def _manifest(self) -> dict[str, Any]:
        spec = _spec(self._entry())
        assert spec is not None
        assert spec.origin is not None
        path = Path(spec.origin).parent / MANIFEST_NAME
        assert path.is_file(), f"there is no {MANIFEST_NAME} beside the module: is it in the wheel?"
        return tomllib.loads(path.read_text(encoding="utf-8"))

    def _hooks(self) -> Any:
        import pluggy

        from seqlang.sdk import hooks

        manager = pluggy.PluginManager(hooks.PROJECT)
        manager.add_hookspecs(hooks)
        manager.register(self._entry().load())
        manager.check_pending()
        return manager.hook


def _spec(entry: EntryPoint) -> Any:
    return find_spec(entry.module)
