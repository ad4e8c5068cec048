"""What comes back: bytes of a mail to what they mean (a reply, a note, a bounce, a complaint); pure, and never an exception."""

from seqlang.inbox.records import Failure, Kind, Understood
from seqlang.inbox.understand import understand

__all__ = ["Failure", "Kind", "Understood", "understand"]
