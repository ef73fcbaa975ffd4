"""Which OpenPGP keys does a destination's file need, and may each be used today?"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError
from event_delivery.openpgp.named_key import read_named_key
from event_delivery.openpgp.public_key import PublicKey, read_public_key
from event_delivery.openpgp.signing_key import SigningKey, read_signing_key

_RECIPIENTS, _SIGN_WITH = "encryption.recipients", "encryption.sign_with"


@dataclass(frozen=True)
class Keys:
    """For whom a file is encrypted, and with what it is signed."""

    recipients: tuple[PublicKey, ...]
    signing: SigningKey | None = None

    @property
    def digest(self) -> str:
        """Sha256 that is another one where a file would be for other keys, or signed with another one."""
        ids = [sorted(each.encrypted_to) for each in self.recipients]
        told = [sorted(ids), self.signing.fingerprint if self.signing else ""]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def load_keys(destination: Destination) -> Keys | None:
    """Return the keys of a destination's files; None: they are not encrypted.

    Raises:
        MissingConnectionError: a Connection that is to hold one is not defined.
        PermanentError: one is missing, is none, has expired or was revoked, or is locked.
    """
    wanted, name = destination.encryption, destination.id
    if wanted is None:
        return None
    _check_installed(name)
    public = [read_named_key(name, _RECIPIENTS, each, "public_key") for each in wanted.recipients]
    recipients = tuple(map(read_public_key, public))
    if not wanted.sign_with:
        return Keys(recipients)
    return Keys(recipients, read_signing_key(read_named_key(name, _SIGN_WITH, wanted.sign_with, "private_key")))


def check_keys(destination: Destination) -> None:
    """Check that a destination's files can be encrypted and signed today; raises as `load_keys`."""
    load_keys(destination)


def _check_installed(destination: str) -> None:
    try:
        import pysequoia  # noqa: F401 - the question is whether it is there
    except ImportError:
        raise PermanentError(
            f"{destination}: encryption: the package pysequoia is not installed here. Install requirements.lock."
        ) from None
