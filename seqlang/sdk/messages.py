"""A message as a channel gets it: rendered, plain data, nothing left to look up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Value = Any
"""A rendered option: str, bool, int, float, timedelta, Body, Attachment, None, or a tuple or mapping of these."""

MARK = re.compile("\ue000([0-9]+)\ue001")
"""The place of a value in a skeleton: its number between two characters that no text has."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on our side: the owner of a flow, the sender of a message."""

    email: str
    first_name: str = ""
    last_name: str = ""

    @property
    def name(self) -> str:
        """First and last name, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Body:
    """A template that was rendered for one recipient.

    Values stand apart from the text around them: where `MARK` finds a number in `skeleton`, the value of that place belongs.
    What a channel makes of a skeleton (HTML of Markdown, a text part of HTML) is therefore the same for very many recipients
    and worth keeping; and no value is ever taken for markup.
    """

    name: str  # the file's name: "hello.html"
    format: Literal["html", "markdown", "mjml", "text"]
    skeleton: str
    values: tuple[str, ...] = ()
    matter: Mapping[str, str] = field(default_factory=dict)  # the front matter, rendered
    plain: str | None = None  # the text beside a page, where a person wrote it; None: it is made of the page

    @property
    def text(self) -> str:
        """The whole, values as they are."""
        return fill(self.skeleton, self.values)


def fill(skeleton: str, values: Sequence[str]) -> str:
    """Put the values into their places; escape them before, where the skeleton is markup."""
    return MARK.sub(lambda found: values[int(found[1])], skeleton)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the project."""

    name: str  # its path in the project; channels show the last part
    content: bytes


@dataclass(frozen=True, slots=True)
class Thread:
    """The earlier message that this one answers."""

    message_id: str  # Message-ID of the message before, with its brackets
    references: tuple[str, ...]  # Message-IDs of the thread, oldest first, that one included
    subject: str  # of the message before


@dataclass(frozen=True, slots=True)
class Tracking:
    """How openings and clicks of one message are told back: signed addresses of the project's own web application."""

    open_url: str | None  # a picture of one pixel; None: openings are not asked for
    click_url: Callable[[str], str] | None  # from a link's target to the address that leads there; None: clicks are not asked for


@dataclass(frozen=True, slots=True)
class Message:
    """One message to deliver.

    `key` is the same at every attempt of the same message and never that of another one: a channel that hands it to a provider
    who honours it may declare itself `idempotent`.
    """

    key: str  # stable for ever: letters, digits, dots and dashes
    word: str  # the channel's word
    to: str  # e-mail address or phone number of the contact; "" where the channel goes to no contact
    options: Mapping[str, Value]  # those that the file gives, rendered, and the channel's defaults
    at: datetime  # the instant of this attempt, by the sender's clock; aware, UTC
    planned_at: datetime | None = None  # the planned instant: the same at every attempt
    flow: str = ""
    step: str = ""
    owner: Person | None = None  # of the flow
    sender: Person | None = None  # whose mailbox it is; None: the organisation's
    message_id: str | None = None  # of channels with threads: the Message-ID that it bears, with its brackets
    thread: Thread | None = None
    unsubscribe_url: str | None = None  # where `unsubscribe: yes` leads; None: nothing serves such a page
    tracking: Tracking | None = None  # what `track` asks for; None: nothing, or nothing serves such addresses
    contact: Mapping[str, Any] = field(default_factory=dict)  # field: value, plain data
    record: Mapping[str, Any] = field(default_factory=dict)  # what is enrolled: of a deal's flow the deal
    record_type: str = "contact"
    test: bool = False  # to oneself: counts as nothing
