"""The one tree of exceptions; what an author did wrong is a `Diagnostic`, never an exception.

SeqlangError                 anything that this program raises on purpose
├── UsageError               the call itself cannot work (exit code 2)
│   ├── ProjectError         no such project, or its settings cannot be read
│   └── NotFoundError        no flow, contact, step … of that name
├── RefusedError             the call is understood and declined, with the reason (exit code 1)
├── StoreError               the database cannot be reached, is damaged or of another version (exit code 2)
├── PluginError              a plugin is broken; carries its name
└── DeliveryError            a channel could not deliver; raised and caught inside `dispatch` only
"""

from __future__ import annotations


class SeqlangError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(message or self.__class__.__doc__)
        self.message: str = message or (self.__class__.__doc__ or "")
        self.hint: str | None = hint


class UsageError(SeqlangError):
    """That call cannot work."""


class ProjectError(UsageError):
    """There is no seqlang project here."""


class NotFoundError(UsageError):
    """There is nothing of that name."""


class RefusedError(SeqlangError):
    """That is not possible now."""


class StoreError(SeqlangError):
    """The database cannot be used."""


class PluginError(SeqlangError):
    """A plugin is broken."""


class DeliveryError(SeqlangError):
    """A message could not be delivered."""
