"""Which host key may a server show, and in which order do we ask for its kinds?"""

from __future__ import annotations

import asyncssh
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

_ED25519 = ["ssh-ed25519", "ssh-ed448"]
_ECDSA = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"]
_RSA = ["rsa-sha2-512", "rsa-sha2-256"]
_LEGACY_RSA = ["ssh-rsa"]  # SHA-1, which a forger can afford; only where the destination asks for it


_LONGEST_NAMED = 40
SHORTEST_RSA = 2048  # bits; NIST SP 800-131A disallows shorter ones


def rsa_bits(public_key: str) -> int | None:
    """Return the length (bits) of an OpenSSH public key if it is an RSA key."""
    if not public_key.startswith("ssh-rsa "):
        return None
    return load_ssh_public_key(public_key.encode()).key_size  # type: ignore[union-attr]


def fingerprint(public_key: str) -> str:
    """Return the SHA-256 fingerprint of an OpenSSH public key, as ssh-keygen -l prints it."""
    return asyncssh.import_public_key(public_key).get_fingerprint()


def describe_key(key: str) -> str:
    """Return the fingerprint of a pinned key, which may be one already; one that nobody can read is named."""
    try:
        return key if key.startswith("SHA256:") else fingerprint(key)
    except asyncssh.KeyImportError:
        return f"{key[:_LONGEST_NAMED]}... (not readable)"


def is_same_key(shown: str, pinned: str) -> bool:
    """Tell whether a shown public key is the pinned one, given as a public key or as its fingerprint."""
    if pinned.startswith("SHA256:"):
        return fingerprint(shown) == pinned
    return shown.split()[:2] == pinned.split()[:2]


def rank_algorithms(pinned: tuple[str, ...], legacy: bool) -> list[list[str]]:
    """Return the host key algorithms to ask for, best first, one list for each connection to try.

    A server shows one key only, of the first kind that both sides know. So where keys of several kinds are
    pinned, or fingerprints, which do not tell their kind, each kind is asked for by a connection of its own until
    one fits. The last list for public keys has every kind, so that a server with none of theirs shows what it has.
    """
    kinds = [_ED25519, _ECDSA, _RSA + (_LEGACY_RSA if legacy else [])]
    asked = {_RSA[0] if key.startswith("ssh-rsa ") else key.split()[0] for key in pinned}
    named = [kind for kind in kinds if asked & set(kind)]
    if any(key.startswith("SHA256:") for key in pinned):
        return named + [kind for kind in kinds if kind not in named]
    last = named[-1:] + [kind for kind in kinds if kind not in named[-1:]]
    return [*named[:-1], [name for kind in last for name in kind]]
