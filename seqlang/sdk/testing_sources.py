"""What every source of records must do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from seqlang.sdk.hooks import Source
from seqlang.sdk.sources import SourceBatch, SourceSettings
from seqlang.sdk.testing_plugins import PluginConformance, SetEnv


class SourceConformance(PluginConformance):
    """What every source of records must do. Subclass it, name the plugin and its kind, and say how to prepare one."""

    kind: ClassVar[str] = ""

    def prepare(self, folder: Path, setenv: SetEnv) -> Mapping[str, Any]:
        """Make something to read, of at least two rows, in that folder; return the settings that read it."""
        raise NotImplementedError

    def test_manifest_brings_the_source(self) -> None:
        """The kind stands in the manifest, and every setting has a help."""
        table = self._source_table()
        assert table.get("help"), "the source has no help"
        bare = [s["name"] for s in table.get("settings", ()) if not s.get("help")]
        assert not bare, f"these have no help: {', '.join(bare)}"

    def test_settings_that_cannot_work_are_told(self, tmp_path: Path) -> None:
        """Without any settings it says in one sentence what is missing, when it is opened or read."""
        said = ""
        try:
            list(self._open({}, tmp_path).read(None))
        except (ValueError, OSError) as error:
            said = str(error)
        assert said, "say what is missing"
        assert "\n" not in said, "say it in one line"

    def test_rows_have_places_and_cells_of_their_columns(self, tmp_path: Path) -> None:
        """Each row says where people find it, and has texts for columns that are there."""
        rows = [(batch, row) for batch in self._read(tmp_path, None) for row in batch.rows]
        assert len(rows) >= 2, "prepare at least two rows"
        assert all(row.place for _, row in rows)
        assert all(set(row.cells) <= set(batch.columns) for batch, row in rows)
        assert all(isinstance(cell, str) for _, row in rows for cell in row.cells.values())

    def test_reading_goes_on_behind_a_mark(self, tmp_path: Path) -> None:
        """With the mark of the last batch nothing unknown comes; with that of any other, at least all that followed it."""
        batches = self._read(tmp_path, None)
        seen = [_cells(batch) for batch in batches]
        assert _known([_cells(b) for b in self._read(tmp_path, batches[-1].mark)], seen), "new rows behind the last mark"
        for place, batch in enumerate(batches[:-1]):
            rest = [_cells(b) for b in self._read(tmp_path, batch.mark)]
            assert _known(seen[place + 1 :], rest), f"rows behind the mark of batch {place + 1} are lost"

    def _source_table(self) -> dict[str, Any]:
        found: dict[str, Any] | None = next((s for s in self._manifest().get("sources", ()) if s.get("word") == self.kind), None)
        assert found is not None, f"the manifest does not bring the source {self.kind}"
        return found

    def _open(self, settings: Mapping[str, Any], folder: Path) -> Source:
        found = self._hooks().open_source(kind=self.kind, settings=SourceSettings(self.kind, "sample", settings, folder=folder))
        assert isinstance(found, Source), "open_source returned no source: it has `read` and `close`"
        return found

    def _read(self, folder: Path, mark: str | None) -> list[SourceBatch]:
        """Read from the mark on; without one, prepare what is read first."""
        kept = dict(os.environ)
        try:
            if mark is None:
                self._environment: dict[str, str] = {}
                self._settings: Mapping[str, Any] = self.prepare(folder, self._environment.__setitem__)
            os.environ.update(self._environment)
            source = self._open(self._settings, folder)
            try:
                return list(source.read(mark or None))
            finally:
                source.close()
        finally:
            os.environ.clear()
            os.environ.update(kept)


def _cells(batch: SourceBatch) -> frozenset[tuple[tuple[str, str], ...]]:
    return frozenset(tuple(sorted(row.cells.items())) for row in batch.rows)


def _known(rows: list[frozenset[Any]], among: list[frozenset[Any]]) -> bool:
    return frozenset().union(*rows) <= frozenset().union(*among)
