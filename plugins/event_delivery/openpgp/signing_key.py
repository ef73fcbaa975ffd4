"""May a file be signed with a private key of ours today?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from event_delivery.errors import PermanentError
from event_delivery.openpgp.named_key import NamedKey
from event_delivery.openpgp.parts import KeyPart, find_expiry, list_living, read_parts
from event_delivery.openpgp.private_part import holds_secrets

if TYPE_CHECKING:
    from pysequoia import Cert, PySigner, Tsk

_RENEW = "Renew it (gpg --edit-key, expire) or make another, put it there, and give the client its public key."
_EXPORT = "gpg --armor --export-secret-keys <key>"


@dataclass(frozen=True)
class SigningKey:
    """A private key of ours, unlocked; its repr shows nothing of it."""

    signer: PySigner = field(repr=False)
    fingerprint: str


def read_signing_key(key: NamedKey) -> SigningKey:
    """Return the private key of a text, unlocked by its passphrase, if a file may be signed with it today.

    Raises:
        PermanentError: it is no private key, has expired or was revoked, cannot sign, or is not unlocked.
    """
    whole = _parse(key)
    certificate, parts = whole.extract_certificate(), read_parts(bytes(whole))
    named = f"{key.where}: our OpenPGP key {certificate.fingerprint.upper()}"
    _check_validity(named, certificate, parts)
    return SigningKey(_unlock(named, key.passphrase, parts), certificate.fingerprint)


def _parse(key: NamedKey) -> Tsk:
    from pysequoia import Tsk

    if not holds_secrets(key):
        raise PermanentError(
            f"{key.where}: found no OpenPGP private key (not shown), wanted one. Put it there, armored: {_EXPORT}"
        )
    try:
        return Tsk.from_bytes(key.text.strip().encode())
    except Exception:
        raise PermanentError(
            f"{key.where}: the OpenPGP private key there cannot be read (not shown). Put one key there: {_EXPORT}"
        ) from None


def _check_validity(named: str, certificate: Cert, parts: Sequence[KeyPart]) -> None:
    if certificate.is_revoked:
        raise PermanentError(f"{named} was revoked. Make another, and give the client its public key.")
    expiry = certificate.expiration
    if not (expiry and expiry <= datetime.now(UTC)):
        expiry = find_expiry(parts, "signing")
    if expiry:
        raise PermanentError(f"{named} expired for signing on {expiry:%Y-%m-%d}. {_RENEW}")
    if not any("signing" in part.uses for part in parts):
        raise PermanentError(f"{named} cannot sign: it has no part for that. Make one that can, and put it there.")


def _unlock(named: str, passphrase: str | None, parts: Sequence[KeyPart]) -> PySigner:
    """Return what signs, once it has signed nothing: without its passphrase a key comes no further."""
    from pysequoia import Tsk, sign

    try:
        signer = Tsk.from_packets(list_living(parts)).signer(passphrase)
        sign(signer, b"")
    except Exception:
        told = "is wrong" if passphrase else "is missing: the Connection's password is empty"
        raise PermanentError(
            f"{named} cannot be unlocked: its passphrase {told}, or its signing part was revoked or is not there. "
            "Correct Connection or key."
        ) from None
    return signer
