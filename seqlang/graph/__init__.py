"""Pictures of plans: `flow_picture` and `project_picture` say what is drawn, `svg`, `mermaid` and `dot` draw it."""

from seqlang.graph.dot import dot
from seqlang.graph.flow import flow_picture
from seqlang.graph.mermaid import mermaid
from seqlang.graph.picture import FlowCount, Line, Picture, Shape, StepCount
from seqlang.graph.project import project_picture
from seqlang.graph.svg import svg

__all__ = ["FlowCount", "Line", "Picture", "Shape", "StepCount", "dot", "flow_picture", "mermaid", "project_picture", "svg"]
