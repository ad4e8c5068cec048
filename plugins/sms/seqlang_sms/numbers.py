"""Phone numbers as networks write them: +491701234567, whatever people typed; and what time it is where they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from seqlang.sdk.texts import plain_number

_NUMBER = re.compile(r"\+?\(?[0-9][0-9 ()./-]{4,25}")
COUNTRY_FIELDS = ("country", "country_code")


def country_of(contact: Mapping[str, Any], default: str = "") -> str:
    """Return the two letters of the contact's country, else the mailbox's; "" where neither says."""
    of_contact = [_letters(contact.get(name)) for name in COUNTRY_FIELDS]
    said = next((letters for letters in of_contact if len(letters) == 2 and letters.isalpha()), _letters(default))
    return "GB" if said == "UK" else said


def _letters(value: object) -> str:
    return str(value or "").strip().upper()


def normal(text: str, country: str = "") -> str | None:
    """Return the number with its plus and no signs between; None where it is none.

    A number without a prefix is one of that country. Without the library of numbers (the extra `sms`) and for what that does not
    take for a number of anybody, only the form decides.
    """
    text = plain_number(text)
    if not _NUMBER.fullmatch(text):
        return None
    digits = re.sub(r"[^0-9+]", "", text)
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    try:
        import phonenumbers
    except ImportError:
        return digits
    try:
        found = phonenumbers.parse(text if not digits.startswith("+") else _keep_zero(text), country or None)
    except phonenumbers.NumberParseException:
        return None if country or digits.startswith("+") else digits
    if not phonenumbers.is_possible_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def _keep_zero(text: str) -> str:
    """Return an international number without the "(0)" that people write for those who call from within."""
    plain = re.sub(r"^\s*00", "+", text)
    return re.sub(r"\(\s*0\s*\)", "", plain)


def zone_of(contact: Mapping[str, Any], number: str, default: str) -> ZoneInfo:
    """Return the recipient's zone: the contact's own, else the number's where its country has one, else the default."""
    for name in (str(contact.get("timezone") or ""), _zone_of_number(number), default, "UTC"):
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            continue  # a typed zone that is none, "" among them
    raise AssertionError("UTC is a zone")


def _zone_of_number(number: str) -> str:
    try:
        import phonenumbers
        from phonenumbers import timezone
    except ImportError:
        return ""
    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    return str(zones[0]) if len(zones) == 1 else ""
