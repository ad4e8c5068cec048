"""Placeholders of other tools in texts: they would go out as they are written."""

from __future__ import annotations

import re

from seqlang.diagnostics.source import Span
from seqlang.semantics.report import Reporter

# Only what is hardly ever meant as it is written; each form is of tools that are widely used.
_FOREIGN = re.compile(
    r"""
    (?=[{*%\[<$])(?:                                                         # looks at no other sign: most texts have none
      \{!\s*\$?[A-Za-z]\w*(?:\.\w+)*\s*\}                                   # {!Contact.FirstName}
    | \*\|[A-Z]\w*(?::\w+)?\|\*                                             # *|FNAME|*
    | %[A-Z]+(?:_[A-Z]+)+%                                                   # %FIRST_NAME%
    | (?<!\{)\{\s*(?:contact|account|deal|owner|sender|user|lead|company|person)\.\w+\s*\}(?!\})  # {contact.first_name}
    | (?<!\{)\{\s*(?:first|last|full|company)_?name\s*\}(?!\})               # {first_name}
    | \[\[\s*[A-Za-z]\w*(?:[ .]\w+)*\s*\]\]                                  # [[name]]
    | \[(?:first|last|full|your|company|contact)[ _-]?name\]                  # [First Name]
    | <<\s*[A-Za-z]\w*(?:[ .]\w+)*\s*>>                                      # <<First Name>>
    | \$\{\s*[A-Za-z]\w*(?:\.\w+)*\s*\}                                     # ${first_name}
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NAME = re.compile(r"(?:first|last)[ _-]?name|fname|lname", re.IGNORECASE)


def warn_of_foreign(report: Reporter, text: str, at: Span, *, offset: int | None) -> None:
    """Warn of each placeholder of another tool; `at` and `offset` as for `find_placeholders`."""
    for hit in _FOREIGN.finditer(text):
        said = _NAME.search(hit.group())
        field = "last_name" if said is not None and said[0].lower().startswith("l") else "first_name"
        span = at if offset is None else Span(offset + hit.start(), offset + hit.end())
        message = f"`{hit.group()}` is a placeholder of another tool, and would go out as it is"
        report.warning("SEQ447", span, message, hint=f"write for example `{{{{ contact.{field} }}}}`")
