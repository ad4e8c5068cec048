"""`python -m seqlang.store.migrations "what it does"` writes the next revision: how `tables.py` differs from the last one.

`--restart` writes the first revision anew, for as long as nobody has a database of it: before the first release.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory

from seqlang.store.database import memory_engine
from seqlang.store.migrations import HERE, config, migrate, revisions

VERSIONS = HERE / "versions"
FIRST = "All tables"


def main(words: list[str]) -> None:
    """Write one revision, and its name into `versions.py`."""
    restart = words == ["--restart"]
    if restart:
        for old in VERSIONS.glob("[0-9]*.py"):
            old.unlink()
    message = FIRST if restart else " ".join(words)
    if not message:
        raise SystemExit(__doc__)
    made = config()
    known = () if restart else revisions()
    engine = memory_engine()
    with engine.connect() as conn, conn.begin():
        if known:
            migrate(conn, "head")
        made.attributes["connection"] = conn
        number = f"{len(known) + 1:04d}"
        command.revision(made, message=message, rev_id=number, autogenerate=True, process_revision_directives=_upward)
    versions = HERE.parent / "versions.py"
    names = ", ".join(f'"{name}"' for name in (*known, number)) + ("," if not known else "")
    versions.write_text(re.sub(r"= \(.*?\)", f"= ({names})", versions.read_text("utf-8"), count=1), "utf-8")
    print(ScriptDirectory.from_config(made).get_revision(number))  # noqa: T201 - a command for developers


def _upward(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Write no way back: a backup is the way back."""
    for directive in directives:
        directive.downgrade_ops.ops = []


if __name__ == "__main__":
    main(sys.argv[1:])
