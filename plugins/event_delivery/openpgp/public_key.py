"""May a file be encrypted for a public key today?

The library asks that of subkeys alone: of the key itself, expired or revoked, it is asked here.
"""

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
    from pysequoia import Cert

_ASK = "Ask its owner for a new one, and put it there."
_EXPORT = "gpg --armor --export <key>"


@dataclass(frozen=True)
class PublicKey:
    """A public key that a file may be encrypted for; `encrypted_to` are the ids of its keys for that, sorted."""

    certificate: Cert = field(repr=False)
    encrypted_to: tuple[str, ...]


def read_public_key(key: NamedKey) -> PublicKey:
    """Return the public key of a text, if a file may be encrypted for it today.

    Raises:
        PermanentError: it is no public key, has expired or was revoked, or has no part to encrypt for.
    """
    from pysequoia import Cert

    whole = _parse(key)
    _check_validity(key, whole)
    parts = read_parts(bytes(whole))
    try:
        living = Cert.from_packets(list_living(parts))
        return PublicKey(living, _try_encrypting(living))
    except Exception:
        raise PermanentError(_explain_none(key, whole, parts)) from None


def _parse(key: NamedKey) -> Cert:
    """Return the one certificate that a text holds."""
    from pysequoia import Cert

    if holds_secrets(key):
        raise PermanentError(
            f"{key.where} holds a private key, wanted a public one. Take it out, and tell its owner: it was given "
            f"away. Put the public key there: {_EXPORT}"
        )
    try:
        certificates = Cert.split_bytes(key.text.strip().encode())
    except Exception:
        certificates = []
    if len(certificates) != 1:
        found = f"{len(certificates)} OpenPGP keys" if certificates else "no OpenPGP public key (not shown)"
        raise PermanentError(f"{key.where}: found {found}, wanted one. Put it there, armored: {_EXPORT}")
    return certificates[0]


def _check_validity(key: NamedKey, certificate: Cert) -> None:
    named = f"{key.where}: the OpenPGP key {certificate.fingerprint.upper()}"
    if certificate.is_revoked:
        raise PermanentError(f"{named} was revoked by its owner. {_ASK}")
    if certificate.expiration and certificate.expiration <= datetime.now(UTC):
        raise PermanentError(f"{named} expired on {certificate.expiration:%Y-%m-%d}. {_ASK}")


def _try_encrypting(certificate: Cert) -> tuple[str, ...]:
    """Return the ids of the keys that a message of nothing is encrypted for; raises what the library does."""
    from pysequoia import encrypt
    from pysequoia.packet import PacketPile, Tag

    message = PacketPile.from_bytes(encrypt(b"", recipients=[certificate], armor=False))
    return tuple(sorted(_read_id(packet.body) for packet in message if packet.tag == Tag.PKESK))


def _read_id(body: bytes) -> str:
    """Return whom an encrypted session key is for: by key id (version 3) or by fingerprint (version 6)."""
    return (body[1:9] if body[0] == 3 else body[3 : 2 + body[1]]).hex()


def _explain_none(key: NamedKey, certificate: Cert, parts: Sequence[KeyPart]) -> str:
    named = f"{key.where}: the OpenPGP key {certificate.fingerprint.upper()}"
    if expired := find_expiry(parts, "encryption"):
        return f"{named} has an encryption subkey, which expired on {expired:%Y-%m-%d}. {_ASK}"
    if any("encryption" in part.uses for part in parts):
        return f"{named} has an encryption subkey, which was revoked or is of a kind that is safe no more. {_ASK}"
    return f"{named} has no encryption subkey: nobody could read the file. {_ASK}"
