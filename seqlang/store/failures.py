"""What a database says when it cannot work, in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from seqlang.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

# What is found in the driver's message (lower case), what is said, and what helps.
REASONS: tuple[tuple[str, str, str], ...] = (
    (
        "database or disk is full",
        "there is no room left for the database {name}",
        "free some space, do it again: nothing is lost",
    ),
    ("could not extend file", "there is no room left for the database {name}", "free some space on the server, then do it again"),
    ("no space left", "there is no room left for the database {name}", "free some space, then do it again"),
    ("file is not a database", "{name} is not a database", "name another file, or move this one away"),
    ("malformed", "the database {name} is damaged", "restore it from a backup; `seqlang db check` says what is wrong"),
    ("disk i/o error", "the disk of the database {name} cannot be read or written", "look at the disk, then do it again"),
    ("database is locked", "the database {name} is busy with another program", "wait until that is done, then do it again"),
    ("readonly database", "the database {name} cannot be written", "give yourself the right to write the file and its folder"),
    ("read-only", "the database {name} cannot be written", "use a user and a server that may write"),
    ("unable to open database file", "the database {name} cannot be opened", "look at its folder: it has to exist and be yours"),
    ("password authentication failed", "the database {name} refuses the password", "correct user and password in the address"),
    ("no password supplied", "the database {name} wants a password", "write it into the address, or use `SEQLANG_DATABASE`"),
    ("does not exist", "the database {name} does not exist", "create it on the server (`createdb`), then `seqlang db upgrade`"),
    ("connection refused", "nothing answers at the database {name}", "start the server, or correct the address"),
    ("could not translate host name", "the host of the database {name} is unknown", "correct the address"),
    ("failed to resolve host", "the host of the database {name} is unknown", "correct the address"),
    ("timeout", "the database {name} does not answer", "look at the server, then do it again"),
    ("permission denied", "the database {name} does not let this user do that", "grant the user its tables"),
)


def shown(url: URL) -> str:
    """Return how a person names that database: the file, or the address without the password."""
    if url.get_backend_name() == "sqlite":
        return f"`{url.database or 'in memory'}`"
    return f"`{url.render_as_string(hide_password=True)}`"


def failure(error: Exception, name: str) -> StoreError:
    """Return the one clear line for what the driver raised; `name` is what `shown` says."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = " ".join(str(cause).split())
    low = said.lower()
    for word, message, hint in REASONS:
        if word in low:
            return StoreError(message.format(name=name), hint=hint)
    return StoreError(f"the database {name} cannot be used: {said[:200]}")
