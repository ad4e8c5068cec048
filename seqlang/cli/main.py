"""The program `seqlang`: its commands, and how whatever goes wrong becomes one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from seqlang.cli.lazy import Deferred, LazyGroup
from seqlang.errors import RefusedError, SeqlangError

OK, FOUND_PROBLEMS, CANNOT_WORK, INTERRUPTED = 0, 1, 2, 130

WRITING, TRYING, RUNNING, LOOKING, UPKEEP = "Writing", "Trying", "Running", "Looking", "Upkeep"
COMMANDS: dict[str, Deferred] = {
    "init": Deferred("seqlang.cli.writing:init", "Make a new project.", WRITING),
    "check": Deferred("seqlang.cli.checking:check", "Report every mistake of every file.", WRITING),
    "fmt": Deferred("seqlang.cli.writing:fmt", "Write files in the one canonical layout.", WRITING),
    "explain": Deferred("seqlang.cli.writing:explain", "What a diagnostic means, a bad and a good example.", WRITING),
    "test": Deferred("seqlang.cli.testing:test", "Run the test blocks.", WRITING),
    "graph": Deferred("seqlang.cli.drawing:graph", "A flow as a picture.", WRITING),
    "lsp": Deferred("seqlang.cli.serving_editor:lsp", "The language server, for editors.", WRITING),
    "plugin": Deferred("seqlang.cli.plugins:plugin", "Show what is installed.", WRITING),
    "simulate": Deferred("seqlang.cli.simulating:simulate", "Play the project over a span of time; nothing is sent.", TRYING),
    "send-test": Deferred("seqlang.cli.messages:send_test", "Send a step's message to yourself.", TRYING),
    "demo": Deferred("seqlang.cli.demo:demo", "The quickstart, end to end, on this machine.", TRYING),
    "import": Deferred("seqlang.cli.records:import_", "Add or update records from a CSV file.", RUNNING),
    "source": Deferred("seqlang.cli.sources:source", "Records from elsewhere.", RUNNING),
    "diff": Deferred("seqlang.cli.defining:diff", "What `apply` would change, and for whom.", RUNNING),
    "apply": Deferred("seqlang.cli.defining:apply", "Put the project's definitions into the database.", RUNNING),
    "start": Deferred("seqlang.cli.lifecycle:start", "Start a flow, or go on with it.", RUNNING),
    "stop": Deferred("seqlang.cli.lifecycle:stop", "Freeze a flow.", RUNNING),
    "clone": Deferred("seqlang.cli.lifecycle:clone", "Copy a flow below the original, as a draft.", RUNNING),
    "archive": Deferred("seqlang.cli.lifecycle:archive", "End a flow and all its enrolments.", RUNNING),
    "enroll": Deferred("seqlang.cli.records:enroll", "Enroll contacts by hand.", RUNNING),
    "unenroll": Deferred("seqlang.cli.records:unenroll", "Take contacts out by hand.", RUNNING),
    "event": Deferred("seqlang.cli.records:event", "Record something that a contact did.", RUNNING),
    "tick": Deferred("seqlang.cli.running:tick", "Do everything that is due.", RUNNING),
    "run": Deferred("seqlang.cli.running:run", "Tick and deliver until stopped.", RUNNING),
    "serve": Deferred("seqlang.cli.serving:serve", "Serve tracking links, unsubscribing and webhooks.", RUNNING),
    "todo": Deferred("seqlang.cli.messages:todo", "Calls, tasks and e-mail reminders.", RUNNING),
    "outbox": Deferred("seqlang.cli.messages:outbox", "Messages, and what became of them.", RUNNING),
    "mailbox": Deferred("seqlang.cli.mailboxes:mailbox", "Mailboxes: their state, reading what came back.", RUNNING),
    "list": Deferred("seqlang.cli.records:list_", "List contacts, accounts or deals.", LOOKING),
    "status": Deferred("seqlang.cli.looking:status", "All flows with their counts.", LOOKING),
    "metrics": Deferred("seqlang.cli.looking:metrics", "The funnel of a flow, per step and split side.", LOOKING),
    "log": Deferred("seqlang.cli.looking:log", "The timeline: what happened to whom, and why.", LOOKING),
    "why": Deferred("seqlang.cli.looking:why", "Why a contact did or did not get each step.", LOOKING),
    "db": Deferred("seqlang.cli.upkeep:db", "Migrate or check the database.", UPKEEP),
}


@click.group(cls=LazyGroup, deferred=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="seqlang", message="%(prog)s %(version)s")
def cli() -> None:
    """Sales sequences as code: write them, check them, try them, run them.

    \b
    Example:
      seqlang init outreach && cd outreach && seqlang check && seqlang test
    """


OF_COMMANDS = frozenset({"--project", "--database", "--format", "--at"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with `argv` (default: the process's own) and return its exit code; never raises, never a traceback."""
    try:
        result = cli.main(args=None if argv is None else list(argv), prog_name="seqlang", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        return int(leave.exit_code)
    except click.exceptions.NoArgsIsHelpError as empty:
        click.echo(empty.ctx.get_help() if empty.ctx else empty.format_message(), err=True)
        return CANNOT_WORK
    except click.UsageError as wrong:
        return _complain(_usage(wrong), CANNOT_WORK)
    except click.ClickException as wrong:
        return _complain(wrong.format_message(), CANNOT_WORK)
    except (click.Abort, KeyboardInterrupt):
        return _complain("interrupted", INTERRUPTED)
    except RefusedError as refused:
        return _complain(_worded(refused), FOUND_PROBLEMS)
    except SeqlangError as broken:
        return _complain(_worded(broken), CANNOT_WORK)
    except BrokenPipeError:
        _abandon_stdout()
        return OK
    except OSError as broken:
        where = f" `{broken.filename}`" if broken.filename else ""
        return _complain(f"cannot use{where}: {(broken.strerror or str(broken)).lower()}", CANNOT_WORK)
    except Exception as broken:  # noqa: BLE001 - the last line of defence: one line instead of a traceback
        return _unforeseen(broken)
    return result if isinstance(result, int) else OK


def run() -> None:
    """Run the program and leave with its exit code."""
    sys.exit(main())


def _usage(wrong: click.UsageError) -> str:
    message = wrong.format_message().strip().rstrip(".")
    message = message[:1].lower() + message[1:]
    command = wrong.ctx.command_path if wrong.ctx else "seqlang"
    if isinstance(wrong, click.NoSuchOption) and command == "seqlang" and wrong.option_name in OF_COMMANDS:
        return f"`{wrong.option_name}` goes after the command, as in `seqlang check {wrong.option_name} …`"
    return f"{message} (see `{command} --help`)".replace("\n", " ")


def _worded(error: SeqlangError) -> str:
    return error.message if not error.hint else f"{error.message} ({error.hint})"


def _unforeseen(broken: Exception) -> int:
    if os.environ.get("SEQLANG_DEBUG"):
        import traceback

        from seqlang.sdk.redaction import redact

        sys.stderr.write(redact(traceback.format_exc()))
    kind = type(broken).__name__
    if type(broken).__module__.startswith("sqlalchemy"):
        cause = getattr(broken, "orig", None) or broken
        return _complain(f"the database cannot be used: {_first_line(str(cause))} (SEQLANG_DEBUG=1 shows where)", CANNOT_WORK)
    said = _first_line(str(broken))
    return _complain(f"a mistake of seqlang itself: {kind}: {said} (SEQLANG_DEBUG=1 shows where; please report it)", CANNOT_WORK)


def _first_line(text: str) -> str:
    return " ".join(text.split("\n", 1)[0].split())[:300]


def _complain(message: str, code: int) -> int:
    from seqlang.cli.tables import visible
    from seqlang.sdk.redaction import redact

    try:
        sys.stdout.flush()
        red = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        word = "\x1b[1;31merror\x1b[0m" if red else "error"
        sys.stderr.write(f"{word}: {visible(redact(message))}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        _abandon_stdout()
    return code


def _abandon_stdout() -> None:
    """Nobody reads any more: keep the interpreter from complaining when it closes stdout."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())


if __name__ == "__main__":
    run()
