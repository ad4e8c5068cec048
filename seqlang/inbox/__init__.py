"""What comes back: bytes of a mail to what they mean (a reply, a note, a bounce, a complaint); pure, and never an exception."""

from seqlang.inbox.records import BounceKind, Failure, Kind, Understood
from seqlang.inbox.understand import understand

__all__ = ["BounceKind", "Failure", "Kind", "Understood", "understand"]
