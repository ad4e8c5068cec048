"""The checked model to the plan: the whole road is in `project.py`."""

from seqlang.compiler.project import Checked, compile_project
from seqlang.semantics.project import ModuleText, ProjectText

__all__ = ["Checked", "ModuleText", "ProjectText", "compile_project"]
