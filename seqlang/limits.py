"""Every bound of the product, with its unit in the name; what may differ per project is in `seqlang.toml`."""

from __future__ import annotations

SOURCE_BYTES_MAX = 4 * 1024 * 1024
CONDITION_DEPTH_MAX = 200
NESTING_MAX = 100  # brackets and `not`, in a source
DIAGNOSTICS_PER_FILE_MAX = 200
STEPS_PER_FLOW_MAX = 1_000
RUN_SEARCH_DAYS_MAX = 366 * 8
PASSES_PER_TICK_MAX = 10
TEMPLATE_BYTES_MAX = 1 * 1024 * 1024
TEMPLATE_NESTING_MAX = 20  # loops and `if` within one another: Python, which Jinja writes, has no more loops than that
RENDERED_CHARS_MAX = 2_000_000
LOOP_ROUNDS_MAX = 10_000
CLAIM_BATCH_MAX = 500
LEASE_SECONDS = 300
ATTEMPTS_MAX = 8
RETRY_FIRST_SECONDS = 60
RETRY_LAST_SECONDS = 6 * 3600
BUSY_TIMEOUT_SECONDS = 30
CHANNEL_CALL_SECONDS = 60  # a plugin's call that takes longer is given up, and its message is unclear
CHANNEL_OPEN_SECONDS = 30
LINT_SECONDS = 10  # all rules of one plugin, over a whole project
PLUGIN_IMPORT_SECONDS = 10  # a plugin that takes longer to import, or to say what it brings, is left out
SOURCE_READ_SECONDS = 120  # one batch of a source of records
MANIFEST_BYTES_MAX = 256 * 1024
SENDING_GROUP_MIN = 5  # messages of one connection whose intent is committed together: so many can become unclear at a crash
SENDING_GROUP_MAX = 50  # … of one that sends as many in SENDING_GROUP_SECONDS
SENDING_GROUP_SECONDS = 0.1
LOOK_AGAIN_SECONDS = 10  # what was claimed longer ago than this is given back and looked at anew
MAILBOX_RETRY_SECONDS = 300  # a mailbox that cannot be used is tried again after this
COMMAND_SECONDS = 20  # a command that prints a secret
MAIL_BYTES_MAX = 256 * 1024  # what of a mail that came back is read; attachments are nobody's business
MAIL_PARTS_MAX = 100
MAIL_TEXT_CHARS_MAX = 64 * 1024
MAIL_BATCH_MAX = 100  # mails that are taken in together with how far the mailbox was read
MAILBOX_POLL_SECONDS = 60  # how often a mailbox is read at least, where its settings do not say it
MAILBOX_POLL_SECONDS_MIN = 5  # … and at most, where `run` ticks more often
MAILBOX_TIMEOUT_SECONDS = 30
MAILBOX_READERS_MAX = 4  # mailboxes that are read at a time
BOUNCE_DAYS_MAX = 10  # a report that names no message is of one that went out no longer ago
