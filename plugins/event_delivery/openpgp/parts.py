"""Of which keys is an OpenPGP key made, what is each for, and which of them count today?

Where no other subkey is left, the library encrypts for one that has expired. So what does not count today is taken
out of a key before anything is made with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pysequoia.packet import Packet

Use = Literal["encryption", "signing"]


@dataclass(frozen=True)
class KeyPart:
    """The primary key or a subkey, with the signatures over it.

    `uses`: what it is for. `expires`: when, None: never. `is_revoked`: of a subkey.
    """

    packets: Sequence[Packet] = field(repr=False)
    is_primary: bool
    uses: tuple[Use, ...] = ()
    expires: datetime | None = None
    is_revoked: bool = False

    @property
    def has_expired(self) -> bool:
        """Whether it has expired."""
        return self.expires is not None and self.expires <= datetime.now(UTC)


def read_parts(data: bytes) -> list[KeyPart]:
    """Return the parts of a key, binary or armored, in order; raises what the library does where it is none."""
    from pysequoia.packet import PacketPile, Tag

    groups: list[list[Packet]] = []
    for packet in PacketPile.from_bytes(data):
        if not groups or packet.tag in (Tag.PublicSubkey, Tag.SecretSubkey):
            groups.append([])
        groups[-1].append(packet)
    return [_describe(group, place == 0) for place, group in enumerate(groups)]


def list_living(parts: Iterable[KeyPart]) -> list[Packet]:
    """Return the packets of a key without those of subkeys that have expired or were revoked."""
    living = (part for part in parts if part.is_primary or not (part.is_revoked or part.has_expired))
    return [packet for part in living for packet in part.packets]


def find_expiry(parts: Iterable[KeyPart], use: Use) -> datetime | None:
    """Return when the last part for a use expired, if all of them have, or None."""
    ends = [part.expires if part.has_expired else None for part in parts if use in part.uses]
    past = [end for end in ends if end]
    return max(past) if past and len(past) == len(ends) else None


def _describe(packets: Sequence[Packet], is_primary: bool) -> KeyPart:
    from pysequoia.packet import SignatureType, Tag

    signatures = [packet for packet in packets if packet.tag == Tag.Signature]
    is_revoked = any(each.signature_type == SignatureType.SubkeyRevocation for each in signatures)
    bindings = [each for each in signatures if each.key_flags]
    if not bindings:
        return KeyPart(packets, is_primary, is_revoked=is_revoked)
    last = max(bindings, key=lambda each: each.signature_created or datetime.min.replace(tzinfo=UTC))
    made, valid = packets[0].key_created, last.key_validity_period
    return KeyPart(
        packets, is_primary, tuple(_list_uses(last)), made + valid if made and valid else None, is_revoked
    )


def _list_uses(binding: Packet) -> Iterator[Use]:
    flags = binding.key_flags
    if flags and (flags.transport_encryption or flags.storage_encryption):
        yield "encryption"
    if flags and flags.signing:
        yield "signing"
