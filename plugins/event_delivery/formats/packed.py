"""How is a file compressed and encrypted, in constant memory?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from event_delivery.delivery import Delivery
from event_delivery.destinations.packing import COMPRESSED_ENDINGS
from event_delivery.formats.compressed import gzip_blocks, zip_blocks
from event_delivery.openpgp import Keys, encrypt_file, estimate_encrypted, load_keys
from event_delivery.staging import BLOCK_BYTES, open_scratch


def pack_blocks(delivery: Delivery, blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the bytes of a file, packed as its destination says.

    Args:
        delivery: whose destination says how.
        blocks: of the file before it is packed.
        name: of the packed file.

    Raises:
        PermanentError: a key is missing, wrong or expired, or the file grows larger than one may be.
        RetryableError: the staging area has too little space.
    """
    compressed = _compress(delivery, blocks, name)
    keys = load_keys(delivery.destination)
    yield from _encrypt(delivery, compressed, keys) if keys else compressed


def _encrypt(delivery: Delivery, blocks: Iterable[bytes], keys: Keys) -> Iterator[bytes]:
    """Yield the encrypted blocks, of files without a name: what is half encrypted nobody can mistake for whole."""
    armor = bool(delivery.destination.encryption and delivery.destination.encryption.armor)
    with open_scratch(delivery) as encrypted:
        with open_scratch(delivery) as plain:
            for block in blocks:
                plain.write(block)
            encrypted.reserve(estimate_encrypted(plain.bytes, armor))
            encrypt_file(plain.path, encrypted.path, keys, armor)
        encrypted.file.seek(0)
        yield from iter(lambda: encrypted.file.read(BLOCK_BYTES), b"")


def _compress(delivery: Delivery, blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the blocks, compressed; a ZIP's member is called as the file without its packing's endings."""
    destination = delivery.destination
    if destination.compression == "none":
        yield from blocks
    elif destination.compression == "gzip":
        yield from gzip_blocks(blocks)
    else:
        name = name.removesuffix(destination.encryption.ending if destination.encryption else "")
        with open_scratch(delivery) as side:
            yield from zip_blocks(blocks, name.removesuffix(COMPRESSED_ENDINGS["zip"]), side.write, side.file)
