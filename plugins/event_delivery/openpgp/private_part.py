"""Does a key's text hold a private key?"""

from __future__ import annotations

from event_delivery.openpgp.named_key import NamedKey


def holds_secrets(key: NamedKey) -> bool:
    """Tell whether a text is that of an OpenPGP private key; False also where it is none at all."""
    from pysequoia.packet import PacketPile, Tag

    try:
        return any(packet.tag == Tag.SecretKey for packet in PacketPile.from_bytes(key.text.strip().encode()))
    except Exception:
        return False
