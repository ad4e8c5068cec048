"""Signed addresses: who unsubscribes, opens or clicks is in the address, and nobody but us can make one.

An address is `BASE/u/REF.SIGNATURE` (unsubscribe), `BASE/o/REF.SIGNATURE.gif` (a picture: opened) or
`BASE/c/REF.TARGET.SIGNATURE` (clicked); `BASE/t/OWNER.SIGNATURE.ics` has somebody's to-dos as a calendar. REF names the ledger's
line and the contact; TARGET is the link's own target, inside what is signed, so that nobody can make us lead elsewhere. Links
never expire: an unsubscribe link must work for as long as the mail lies around. Delivery makes them by the thousand: BLAKE2 with
a key (RFC 7693) signs in a microsecond, an HMAC in five.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from seqlang.errors import ProjectError
from seqlang.sdk.mailbox import Secret, SecretError
from seqlang.sdk.messages import Tracking

if TYPE_CHECKING:
    from seqlang.dispatch.records import Effect
    from seqlang.vocabulary.settings import SecretRef, WebSettings

SECRET_CHARS_MIN = 16
TARGET_CHARS_MAX = 4_000
_SIGNATURE_BYTES = 16
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Told:
    """What an address says that was signed by us."""

    ledger_id: int  # 0: a test message, which counts as nothing
    contact_id: int  # 0: of nobody
    target: str = ""  # of a click


class Links:
    """Makes addresses, and reads them."""

    def __init__(self, base: str, secret: str, old_secrets: Iterable[str] = ()) -> None:
        """Sign with `secret`; what was signed with one of `old_secrets` is read, too: mails lie around for years."""
        self._base = base.rstrip("/")
        self._signers = _signers(secret)
        self._all_signers = (self._signers, *map(_signers, old_secrets))
        self._clicks, self._leaving = f"{self._base}/c/", f"{self._base}/u/"

    def unsubscribe(self, effect: Effect) -> str:
        """Return where the message's recipient can unsubscribe."""
        ref = _ref(effect)
        return f"{self._base}/u/{ref}.{self._signature('u', ref)}"

    def tracking(self, effect: Effect, words: Any) -> Tracking | None:
        """Return the addresses that `track: [opens, clicks]` asks for; None: it asks for none."""
        wanted = (words,) if isinstance(words, str) else tuple(words or ())
        if not wanted:
            return None
        ref = _ref(effect)
        picture = f"{self._base}/o/{ref}.{self._signature('o', ref)}.gif" if "opens" in wanted else None
        return Tracking(picture, partial(self._click, ref) if "clicks" in wanted else None)

    def calendar(self, owner: str | None) -> str:
        """Return where the calendar of an owner's to-dos (None: of everybody's) is read."""
        packed = _packed((owner or "").strip().lower())
        return f"{self._base}/t/{packed}.{self._signature('t', packed)}.ics"

    def read_calendar(self, token: str) -> tuple[str | None] | None:
        """Return whose to-dos an address asks for, (None,) everybody's; None where it was not signed by us."""
        signed, _, signature = token.removesuffix(".ics").rpartition(".")
        if not self._is_ours("t", signed, signature):
            return None
        try:
            return (_unpacked(signed) or None,)
        except ValueError:
            return None

    def read(self, kind: str, token: str) -> Told | None:
        """Return what an address of that kind says; None where it was not signed by us."""
        signed, _, signature = token.rpartition(".")
        if not signed or not self._is_ours(kind, signed, signature):
            return None
        ref, _, packed = signed.partition(".")
        ledger, _, contact = ref.partition("-")
        try:
            told = Told(int(ledger, 16), int(contact, 16), _unpacked(packed))
        except ValueError:
            return None
        return told if kind != "c" or told.target.lower().startswith(_WEB) else None

    def _click(self, ref: str, target: str) -> str:
        """Return the address that leads to the target; others stay as they are."""
        if len(target) > TARGET_CHARS_MAX or not target[:8].lower().startswith(_WEB) or target.startswith(self._leaving):
            return target  # a link to unsubscribe stays one, also that of the draft which the message was
        signed = f"{ref}.{_packed(target)}"
        return f"{self._clicks}{signed}.{self._signature('c', signed)}"

    def _signature(self, kind: str, signed: str) -> str:
        return _signature(self._signers[kind], signed)

    def _is_ours(self, kind: str, signed: str, signature: str) -> bool:
        given = signature.encode("utf-8", "replace")
        right = [_signature(signers[kind], signed).encode() for signers in self._all_signers]
        return any([hmac.compare_digest(one, given) for one in right])  # noqa: C419  all of them: how long it takes tells nothing


def _ref(effect: Effect) -> str:
    """Return whose address it is; that of a test message names nobody."""
    return f"{effect.id:x}-{effect.contact_id or 0:x}" if effect.id else "0-0"


def _signers(secret: str) -> dict[str, blake2b]:
    """Return what signs each kind, with a key of its own: no address of one kind can be made into one of another."""
    keys = {kind: hmac.digest(secret.encode(), b"seqlang links 1 " + kind.encode(), "sha256") for kind in "octu"}
    return {kind: blake2b(key=key, digest_size=_SIGNATURE_BYTES) for kind, key in keys.items()}


def _signature(signer: blake2b, signed: str) -> str:
    mine = signer.copy()  # half the time of beginning with the key
    mine.update(signed.encode("utf-8", "replace"))
    return mine.hexdigest()


@lru_cache(maxsize=4_096)  # the targets of a template are the same for all
def _packed(target: str) -> str:
    return urlsafe_b64encode(target.encode()).rstrip(b"=").decode("ascii")


def _unpacked(packed: str) -> str:
    """Return what `_packed` packed; ValueError where it is nothing of that kind."""
    return urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()


def links_of(web: WebSettings, *, needed: bool = True) -> Links | None:
    """Return what makes the project's addresses; None where nothing serves them.

    ProjectError: the secret cannot be had; unless `needed` is false, for work that sends nothing.
    """
    if web.url is None:
        return None
    try:
        return Links(web.url, signing_secret(web))
    except ProjectError:
        if needed:
            raise
        return None


def signing_secret(web: WebSettings) -> str:
    """Return the secret that signs. ProjectError: there is none, it cannot be had, or is too short to be one."""
    hint = "make one with `python -c 'import secrets; print(secrets.token_urlsafe(32))'`"
    if web.secret is None:
        raise ProjectError('`[web]` has a `url` and no `secret`: set `secret = { env = "NAME" }`', hint=hint)
    return _fetched(web.secret, "the secret", hint)


def reading_links(web: WebSettings) -> Links | None:
    """Return what reads addresses of today and of before; None where none was ever made. ProjectError as `signing_secret`."""
    if web.secret is None and web.url is None:
        return None
    hint = "whoever takes an old secret away ends the links that it signed, those to unsubscribe among them"
    old = [_fetched(place, f"number {n} of `old_secrets`", hint) for n, place in enumerate(web.old_secrets, 1)]
    return Links(web.url or "", signing_secret(web), old)


def _fetched(place: SecretRef, what: str, hint: str) -> str:
    try:
        secret = Secret(place.env, place.file, place.command).fetch()
    except SecretError as error:
        raise ProjectError(f"{what} of `[web]` cannot be had: {error}", hint=hint) from None
    if len(secret) < SECRET_CHARS_MIN:
        raise ProjectError(f"{what} of `[web]` has fewer than {SECRET_CHARS_MIN} characters", hint=hint)
    return secret


__all__ = ["SECRET_CHARS_MIN", "Links", "Told", "links_of", "reading_links", "signing_secret"]
