"""`seqlang lsp`."""

from __future__ import annotations

import click


@click.command(short_help="The language server, on stdin and stdout.")
@click.option("--stdio", is_flag=True, expose_value=False, help="What editors pass; there is no other way.")
@click.option("--at", "at_text", metavar="INSTANT", help="The instant that dates count from (default: now).")
def lsp(at_text: str | None) -> int:
    """The language server: an editor starts it and talks to it on stdin and stdout. Needs the extra `lsp`.

    \b
    Example:
      pip install 'seqlang[lsp]'
      seqlang lsp
    """
    from seqlang.clock import ManualClock, SystemClock
    from seqlang.errors import ProjectError

    try:
        from seqlang.lsp.stdio import serve
    except ImportError as missing:
        raise ProjectError(f"the language server needs `{missing.name}`", hint="pip install 'seqlang[lsp]'") from None
    if at_text is None:
        serve(SystemClock())
        return 0
    from seqlang.app.instants import read_instant

    serve(ManualClock(read_instant(at_text, "UTC", "--at")))
    return 0
