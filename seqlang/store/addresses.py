"""Whether mail and texts can go to an address, by its form alone."""

from __future__ import annotations

import re
from functools import lru_cache

from seqlang.sdk.texts import plain_number

# What is certainly right needs no second look: email-validator takes 40 microseconds an address, this one.
PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]{1,32}(\.[A-Za-z0-9_+-]{1,15}){0,2}@"
    r"([a-z0-9][a-z0-9]{0,30}\.|[a-z0-9]{1,15}-[a-z0-9]{1,15}\.){1,4}(com|org|net|io|co|de|at|ch|eu|us|uk|fr|example|test)"
)
NOT_DIGITS = re.compile(r"[\s()./-]")
PHONE = re.compile(r"(\+|00)?\d{7,15}", re.ASCII)


def email_key(address: str | None) -> str | None:
    """Return the address as it is compared and found: trimmed, lower case; None where it is empty."""
    return (address or "").strip().lower() or None


def email_ok(address: str | None) -> bool:
    """Tell whether mail can go to the address, by its form; nobody is asked on the network."""
    if not address:
        return False
    return PLAIN_EMAIL.fullmatch(address) is not None or _valid(address)


@lru_cache(maxsize=4096)
def _valid(address: str) -> bool:
    from email_validator import EmailNotValidError, validate_email  # takes 80 ms to import: only where a plain look is not enough

    try:
        # `.test` is what examples and tests send to; other reserved domains reach nobody.
        validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError):
        return False
    return True


def phone_ok(number: str | None) -> bool:
    """Tell whether a text can go to the number: 7 to 15 digits, after `+` or `00` where it names the country.

    The form alone decides, so that a database means the same in every installation, with the SMS extra's tables or without.
    """
    return number is not None and PHONE.fullmatch(NOT_DIGITS.sub("", plain_number(number))) is not None
