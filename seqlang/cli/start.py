"""Where the program begins: a plain `check` runs at once, everything else goes through click."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with `argv` (default: the process's own) and return its exit code; never raises, never a traceback."""
    given = sys.argv[1:] if argv is None else list(argv)
    if given[:1] == ["check"]:
        from seqlang.cli.plain import check_plainly

        try:
            code = check_plainly(given[1:])
        except KeyboardInterrupt:
            sys.stderr.write("error: interrupted\n")
            return 130
        if code is not None:
            return code
    from seqlang.cli.main import main as whole

    return whole(given)


def run() -> None:
    """Run the program and leave with its exit code."""
    sys.exit(main())


if __name__ == "__main__":
    run()
