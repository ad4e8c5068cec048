"""The settings of one mailbox, `[channels.WORD.NAME]`, with secrets that are fetched only when used and never shown."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqlang.limits import COMMAND_SECONDS
from seqlang.sdk.redaction import remember

_PLACES = ("env", "file", "command")


class SecretError(ValueError):
    """A secret cannot be fetched; the message says why and never holds the secret."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is found: exactly one of an environment variable, a file, a command."""

    env: str | None = None
    file: str | None = None
    command: str | None = None

    def fetch(self) -> str:
        """Return the secret; SecretError where it is not there. A command is run without a shell, for 20 s at most.

        What was fetched is known to `redact` from then on: no message and no log shows it.
        """
        value = self._look_up()
        if not value:
            raise SecretError(f"{self.place} is empty")
        remember(value)
        return value

    @property
    def place(self) -> str:
        """Where it is found, in words that give nothing away."""
        if self.env is not None:
            return f"the environment variable {self.env}"
        if self.file is not None:
            return f"the file {self.file}"
        return f"what the command {(_words(self.command or '') or ['(empty)'])[0]} prints"

    def _look_up(self) -> str:
        if self.env is not None:
            value = os.environ.get(self.env)
            if value is None:
                raise SecretError(f"the environment variable {self.env} is not set")
            return value
        if self.file is not None:
            try:
                return Path(self.file).expanduser().read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SecretError(f"the file {self.file} cannot be read: {error.strerror}") from None
            except (ValueError, RuntimeError):  # no UTF-8; `~NAME` of nobody
                raise SecretError(f"the file {self.file} cannot be read as text") from None
        return self._run(self.command or "")

    @staticmethod
    def _run(command: str) -> str:
        import subprocess

        words = _words(command)
        name = (words or ["(empty)"])[0]
        # The command line and its output may hold the secret: only its name and what kind of failure it is are told.
        try:
            return subprocess.run(  # noqa: S603  the command is the project's own setting
                words, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=True,
            ).stdout.strip()
        except (FileNotFoundError, IndexError):
            why = "there is no such program" if words else "it is empty"
        except PermissionError:
            why = "it may not be run"
        except subprocess.TimeoutExpired:
            why = f"it took longer than {COMMAND_SECONDS} seconds"
        except subprocess.CalledProcessError as error:
            by_itself = f"it ended with the code {error.returncode}"
            why = by_itself if error.returncode >= 0 else f"it was ended by the signal {-error.returncode}"
        except UnicodeDecodeError:
            why = "what it prints is no text"
        except OSError as error:
            why = f"it cannot be run: {error.strerror or 'the system refuses it'}"
        except ValueError:  # a sign of the value 0 in it
            why = "it cannot be read"
        raise SecretError(f"the command {name} did not give the secret: {why}")


def _words(command: str) -> list[str]:
    """Return the words of a command line; SecretError where its quotation marks are not closed."""
    try:
        return shlex.split(command)
    except ValueError:
        raise SecretError("the command that gives the secret cannot be read: a quotation mark is not closed") from None


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """What a channel knows of the mailbox it sends from."""

    word: str  # the channel whose table it is: "email"
    name: str  # "default", or the user's address
    values: Mapping[str, Any] = field(default_factory=dict)  # the table as it stands in the file; secrets as their places
    allow_private: bool = False  # addresses inside private networks may be called

    def get(self, name: str, default: Any = None) -> Any:
        """Return a setting that is no secret."""
        return self.values.get(name, default)

    def secret(self, name: str) -> str | None:
        """Fetch a secret; None where the table has none of that name. SecretError where it cannot be fetched.

        A secret in the clear is refused: settings are read by many and end up in repositories.
        """
        place = self.values.get(name)
        if place is None:
            return None
        if not isinstance(place, Mapping) or len(place) != 1 or next(iter(place)) not in _PLACES:
            forms = '{ env = "NAME" }, { file = "PATH" } or { command = "…" }'
            raise SecretError(f"`{name}` must say where the secret is: {forms}")
        return Secret(**place).fetch()
