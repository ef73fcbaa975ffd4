"""How is a file packed on its way to a client, and what follows it?"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictBool

_KEY = re.compile(r"(variable:)?[A-Za-z0-9_.-]{1,250}")
_MOST_KEYS = 20

Compression = Literal["none", "gzip", "zip"]
Companion = Literal["none", "done", "checksum", "manifest"]
COMPRESSED_ENDINGS = {"none": "", "gzip": ".gz", "zip": ".zip"}
COMPANION_ENDINGS = {"done": ".done", "checksum": ".sha256", "manifest": ".manifest.json"}


def _keys(value: object) -> object:
    keys = [value] if isinstance(value, str) else value
    if not isinstance(keys, (list, tuple)) or not 1 <= len(keys) <= _MOST_KEYS or not all(map(_is_key, keys)):
        raise ValueError(
            "wanted the Connection that holds a public key, such as openpgp_acme, or variable:<name>, or a list; "
            "never a key itself"
        )
    return tuple(keys)


def _key(value: object) -> object:
    if not _is_key(value):
        raise ValueError(
            "wanted the Connection that holds the signing key, such as openpgp_us, or variable:<name>"
        )
    return value


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and bool(_KEY.fullmatch(value))


class Encryption(BaseModel):
    """OpenPGP: for whose keys, signed with which of ours; where each lies is named, never a key itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipients: Annotated[tuple[str, ...], BeforeValidator(_keys)]
    sign_with: Annotated[str, BeforeValidator(_key)] | None = None
    armor: StrictBool = False

    @property
    def ending(self) -> str:
        """What an encrypted file's name ends with."""
        return ".asc" if self.armor else ".pgp"
