"""How is a file encrypted and signed into another, in constant memory?

The library reads and writes files, and lets no other thread of Python run meanwhile: about 150 MB a second.
"""

from __future__ import annotations

from event_delivery.errors import RetryableError
from event_delivery.openpgp.keys import Keys

_ARMORED, _BINARY = 1.40, 1.01  # as large as the file before, and a little
_KEYS_BYTES = 64 << 10


def encrypt_file(source: str, target: str, keys: Keys, armor: bool) -> None:
    """Encrypt a file for all recipients, signed where a key for that is there.

    Args:
        source: path of the file.
        target: path of the file to write, which is there; its rights stay.
        keys: see `load_keys`.
        armor: whether it is written as ASCII.

    Raises:
        RetryableError: the file system does not give or take it.
    """
    from pysequoia import encrypt_file as encrypt

    certificates = [each.certificate for each in keys.recipients]
    signer = keys.signing.signer if keys.signing else None
    try:
        encrypt(source, target, recipients=certificates, signer=signer, armor=armor)
    except Exception as error:
        raise RetryableError(
            f"The file could not be encrypted: OpenPGP broke off ({type(error).__name__}). Has the staging area's "
            "disk room for it? It is tried again."
        ) from None


def estimate_encrypted(size: int, armor: bool) -> int:
    """Return how large, in bytes, a file of this size is at most when it is encrypted."""
    return int(size * (_ARMORED if armor else _BINARY)) + _KEYS_BYTES
