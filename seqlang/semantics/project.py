"""What a check is given: the texts of a whole project, read by somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.syntax import tree
from seqlang.vocabulary.policies import Words
from seqlang.vocabulary.settings import ProjectSettings

NOTHING: Mapping[str, Any] = MappingProxyType({})


class ModuleText(Record):
    """One `.seq` file, parsed."""

    source: Source
    module: tree.Module
    diagnostics: tuple[Diagnostic, ...] = ()  # what the parser had to say


class ProjectText(Record):
    """All texts of a project. `files` may read lazily: a name is looked up only where a step attaches it."""

    modules: tuple[ModuleText, ...]  # in the order of their paths
    words: Words
    settings: ProjectSettings = ProjectSettings()
    templates: Mapping[str, str] = NOTHING  # name relative to `templates/` -> text
    unreadable: Mapping[str, str] = NOTHING  # template or file that cannot be read -> why
    files: Mapping[str, bytes] = NOTHING  # path relative to the project -> content, for attachments
    diagnostics: tuple[Diagnostic, ...] = ()  # of `seqlang.toml`
    further: tuple[Diagnostic, ...] = ()  # what the rules of plugins found
    settings_source: Source | None = None  # `seqlang.toml`, for what the checks find in it
