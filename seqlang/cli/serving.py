"""`seqlang serve`."""

from __future__ import annotations

import click

from seqlang.cli.options import database_options, note


@click.command(short_help="Serve tracking links, unsubscribing and webhooks.")
@click.option("--host", metavar="ADDRESS", help="Where to listen (default: `host` of [web], else 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Which port (default: `port` of [web], else 8470); 0: any.")
@database_options
def serve(host: str | None, port: int | None, project: str | None, database: str | None) -> int:
    """Serve the web application: tracking links, the page to unsubscribe, webhooks of providers.

    It listens on this machine alone unless told otherwise: put a web server with a certificate before it.

    \b
    Example:
      seqlang serve --port 8470
    """
    from seqlang.app.workspace import open_workspace
    from seqlang.web.serving import serve as serve_until_stopped

    serve_until_stopped(open_workspace(project, database), note, host=host, port=port)
    note("stopped")
    return 0
