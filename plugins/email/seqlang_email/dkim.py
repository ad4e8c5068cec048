"""Signs e-mails with the mailbox's own DKIM key (RFC 6376), where the user's server does not."""

from __future__ import annotations

from typing import Any

from seqlang.sdk import MailboxSettings, SecretError
from seqlang_email.bodies import MissingPartError

# RFC 8058 wants both List-Unsubscribe headers signed; a header that is missing is signed as missing where it stands twice.
SIGNED = (
    b"from", b"to", b"cc", b"reply-to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"mime-version",
    b"content-type", b"list-unsubscribe", b"list-unsubscribe-post",
)


class Signer:
    """The key of one mailbox; fetched with the first message."""

    def __init__(self, mailbox: MailboxSettings, selector: str, domain: str | None) -> None:
        self._mailbox = mailbox
        self._selector = selector.encode("ascii")
        self._domain = domain
        self._key: bytes | None = None

    @classmethod
    def of(cls, mailbox: MailboxSettings) -> Signer | None:
        """Return the signer; None where the mailbox has no key. ValueError: the settings cannot work."""
        if mailbox.get("dkim_key") is None:
            return None
        selector = mailbox.get("dkim_selector")
        if not isinstance(selector, str) or not selector.isascii() or not selector:
            raise ValueError(f"the mailbox `{mailbox.name}` has a `dkim_key` and no `dkim_selector`")
        domain = mailbox.get("dkim_domain")
        return cls(mailbox, selector, str(domain) if domain else None)

    def signed(self, raw: bytes, sender_domain: str) -> bytes:
        """Return the e-mail with its signature on top. SecretError: the key cannot be had or is none."""
        try:
            import dkim
        except ImportError:
            raise MissingPartError("signing needs a part that is not installed: pip install 'seqlang[email]'") from None
        if self._key is None:
            self._key = (self._mailbox.secret("dkim_key") or "").encode()
        known: Any = dkim
        algorithm = b"ed25519-sha256" if b"BEGIN" not in self._key else b"rsa-sha256"
        have = {line.partition(b":")[0].lower() for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
        try:
            signature: bytes = known.sign(
                raw, self._selector, (self._domain or sender_domain).encode("ascii"), self._key,
                canonicalize=(b"relaxed", b"relaxed"), signature_algorithm=algorithm,
                include_headers=[name for name in SIGNED if name in have],
            )
        except (known.DKIMException, ValueError) as error:
            reason = f"the `dkim_key` of the mailbox `{self._mailbox.name}` cannot sign: {type(error).__name__}"
            raise SecretError(reason) from None
        return signature + raw
