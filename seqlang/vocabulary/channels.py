"""What a channel is, as data: its word, its options, and what the engine has to know about its effect."""

from __future__ import annotations

from typing import Literal

from seqlang.vocabulary.records import Frozen

OptionType = Literal[
    "text",  # with placeholders
    "template",  # the name of a file in `templates/`; its content goes into the plan
    "file",  # a file of the project, as bytes (attachments)
    "number", "boolean", "duration",
    "address",  # an e-mail address, a path to one, or `owner`
    "user",  # a colleague: an e-mail address, `owner`, a path to a user
    "step",  # the name of an earlier step, or a word of `words`
    "word",  # one of `words`, bare or in quotes
    "words",  # one of `words`, or a list of them
    "texts",  # a text, or a list of texts
    "addresses",  # an address as above, or a list of them
    "files",  # a file, or a list of files
    "object",  # name: value pairs of any scalar type
    "any",
]


class OptionSpec(Frozen):
    """One option of a channel."""

    name: str
    type: OptionType
    required: bool = False
    words: tuple[str, ...] = ()  # of word, words, step
    default: str | bool | int | float | tuple[str, ...] | None = None
    help: str = ""  # one sentence, shown by `plugin list` and editors
    setting: str | None = None  # its value is a name in that table of a mailbox: the `secret` of `webhook` in `secrets`
    one_line: bool = False  # of a text: a line end in it is refused (a subject)
    segments: bool = False  # goes to phones in segments, which `check` counts; an option `segments` says how many there may be


class SettingSpec(Frozen):
    """One key of a mailbox's table in `seqlang.toml`: `[channels.WORD.NAME]`."""

    name: str
    # secret: `{ env = … }`, `{ file = … }` or `{ command = … }`; secrets: a table of these, each under its name
    # a zone is as in "Europe/Berlin", hours are as in "mon-fri 08:00-18:00, sat 09:00-12:00", a date is as in "2026-03-02"
    # an address is one of e-mail, also with a name; a user is the address of a colleague, or `default`
    type: Literal["text", "number", "boolean", "texts", "secret", "secrets", "zone", "hours", "date", "address", "user"]
    required: bool = False
    help: str = ""
    whole: bool = False  # of a number: without fractions
    minimum: float | None = None  # of a number
    maximum: float | None = None  # of a number
    schemes: tuple[str, ...] = ()  # of a text: it is the address of a server, with one of these and a host
    pattern: str | None = None  # of a text: a regular expression for the whole of it
    form: str = ""  # what fits the pattern, in words: "a country in two letters, `DE`"
    needs: tuple[str, ...] = ()  # settings without which it means nothing
    excludes: tuple[str, ...] = ()  # settings that cannot stand beside it


class ChannelSpec(Frozen):
    """One channel word."""

    word: str
    help: str
    options: tuple[OptionSpec, ...]
    one_of: tuple[tuple[str, ...], ...] = ()  # of each group exactly one option is given: (("template", "text"),)
    effect: Literal["message", "todo", "call_out"]  # message: to a person; todo: for a colleague; call_out: to a system
    address: Literal["email", "phone"] | None = None  # the contact's field it goes to; None: to no contact
    colleagues: bool = False  # goes to colleagues only: free of consent, limits and pace (`notify`)
    thread: bool = False  # messages stand in threads: `reply_to_step`
    draft: bool = False  # always makes a draft first (`email_reminder`)
    limit: str | None = None  # the name that plans count it by: "email", "sms"
    activity: str | None = None  # what `last_activity_type` becomes: "Call", "Task", "SMS"
    inbox: bool = False  # something comes back to its mailboxes: `open_inbox`
    mailbox: bool = False  # sends from a mailbox of `[channels.WORD.…]`
    mailbox_of: str | None = None  # of which word's mailboxes: "email" for `notify`; None: its own word's
    idempotent: bool = False  # honours `Message.key`: what is unclear may be sent again by itself
    settings: tuple[SettingSpec, ...] = ()  # the keys of a mailbox's table
    settings_one_of: tuple[tuple[str, ...], ...] = ()  # of each group exactly one key is there: (("smpp", "url"),)

    def option(self, name: str) -> OptionSpec | None:
        """Return the option of that name."""
        for option in self.options:  # asked ten times for each step of a project
            if option.name == name:
                return option
        return None
