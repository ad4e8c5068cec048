"""Machine-readable reports: delivery status notifications (RFC 3464) and complaints (RFC 5965)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email import message_from_string
from email.message import Message
from email.utils import getaddresses

from seqlang.inbox.letters import HEADER_CHARS_MAX, Letter, bare, decoded, part_text, walk
from seqlang.inbox.records import Failure
from seqlang.sdk.refusals import judge

FAILURES_MAX = 100
REASON_CHARS_MAX = 500
STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
ORIGINAL_TYPES = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822"})
# Not of an answer to a complaint: "this is no spam", and reports on how mail was authenticated.
ABUSE = frozenset({"abuse", "fraud", "virus", "other", "miscategorized", "opt-out", "opt-out-list", "complaint"})
_ORIGINAL_ID = re.compile(r"^[ \t>]*message-id:\s{0,20}(<[^<>\s]{3,400}>)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>;,\"']{1,200}@[^\s<>;,\"']{1,200}")
Fields = Mapping[str, str]  # name in lower case -> value


def status_blocks(letter: Letter) -> list[Fields] | None:
    """Return the blocks of a delivery status notification, the message's own first; None where the mail is none."""
    for part in walk(letter.message):
        if part.get_content_type() in STATUS_TYPES:
            return blocks(part)
    return None


def blocks(part: Message) -> list[Fields]:
    """Return the blocks of fields of a part, however the library has read it."""
    payload = part.get_payload()
    made = [m for m in payload if isinstance(m, Message)] if isinstance(payload, list) else []
    if not made or any(m.is_multipart() or m.get_payload() for m in made):
        # Encoded, or not as the standard has it: by lines.
        text = part_text(part) or "\n\n".join(str(m) for m in made)
        made = [message_from_string(block + "\n\n") for block in re.split(r"\n[ \t]*\n", text)[: FAILURES_MAX + 1]]
    found = [{str(n).lower().strip(): decoded(v) for n, v in m.raw_items()} for m in made[: FAILURES_MAX + 1]]
    return [block for block in found if block]


def failures_of(found: list[Fields], told: str = "") -> tuple[Failure, ...]:
    """Return the recipients that were not reached; one whose mail is only late, or went on, is none.

    `told` is what the report tells people: asked only where the fields say nothing.
    """
    failures: list[Failure] = []
    for block in found:
        final, original = address_in(block.get("final-recipient", "")), address_in(block.get("original-recipient", ""))
        action = block.get("action", "").split("(")[0].strip().lower()
        status = block.get("status", "")
        if not (final or original or action) or action in {"delayed", "relayed", "delivered", "expanded"}:
            continue
        if not action and not status.lstrip().startswith("5"):
            continue
        said = typed(block.get("diagnostic-code", "")) or " ".join(told.split())
        reason = " ".join((said or status or action).split())[:REASON_CHARS_MAX]
        failures.append(Failure(original or final, judge(status, said[:4_000]), status.split(" ")[0][:20], reason, final))
    return tuple(failures[:FAILURES_MAX])


def address_in(value: str) -> str:
    """Return the address of "rfc822; kim@example.com", lower case; "" where there is none."""
    kind, sign, rest = value.partition(";")
    text = rest if sign else kind
    if kind.strip().lower() == "utf-8":  # RFC 6533
        text = re.sub(r"\\x\{([0-9A-Fa-f]{2,6})\}", lambda m: chr(min(int(m[1], 16), 0x10FFFF)), text)
    found = _ADDRESS.search(text[:HEADER_CHARS_MAX])
    return found[0].strip(".").lower() if found else ""


def typed(value: str) -> str:
    """Return the text of "smtp; 550 5.1.1 …"."""
    kind, sign, rest = value.partition(";")
    return rest.strip() if sign and len(kind) < 20 and " " not in kind.strip() else value.strip()


def originals(letter: Letter) -> Iterator[Message]:
    """Yield the mails that a report is about: their headers at least."""
    for part in walk(letter.message):
        if part is letter.message or part.get_content_type() not in ORIGINAL_TYPES:
            continue
        payload = part.get_payload()
        if isinstance(payload, list) and payload and isinstance(payload[0], Message) and payload[0].keys():
            yield payload[0]
        else:
            yield message_from_string(part_text(part).lstrip("\n"))


def original_ids(letter: Letter, text: str) -> tuple[str, ...]:
    """Return the Message-IDs that a report may be about: of what it holds, of what its text quotes, of what it answers."""
    found: list[str] = []
    for message in originals(letter):
        found += _ORIGINAL_ID.findall(f"message-id: {decoded(message.get('message-id', ''))}\n")
    found += _ORIGINAL_ID.findall(text)[:20]
    found += letter.answers
    return tuple(dict.fromkeys(i for i in found if i != letter.message_id))


def copied(letter: Letter) -> frozenset[str]:
    """Return who else had the message that a report is about: its Cc."""
    values = [decoded(v) for message in originals(letter) for v in message.get_all("cc", [])]
    try:
        return frozenset(address.lower() for _, address in getaddresses([v[:HEADER_CHARS_MAX] for v in values]) if "@" in address)
    except (ValueError, IndexError, TypeError):
        return frozenset()


def complaint_fields(letter: Letter) -> Fields | None:
    """Return the fields of a complaint; None where the mail is none, or complains of nothing."""
    for part in walk(letter.message):
        if part.get_content_type() == "message/feedback-report":
            fields: dict[str, str] = {}
            for block in blocks(part):
                fields |= {name: value for name, value in block.items() if name not in fields}
            return fields
    return None


def accused_by(letter: Letter, fields: Fields) -> str:
    """Return who complains, where the report says it; many leave it out."""
    for name in ("original-rcpt-to", "removal-recipient"):
        if found := address_in(fields.get(name, "")):
            return found
    to = [bare(decoded(m.get("to", ""))) for m in originals(letter)]
    return next((a for a in to if a), "")
