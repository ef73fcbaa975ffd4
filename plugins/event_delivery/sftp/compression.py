"""What may a server's compressed bytes grow to? A zip bomb is refused packet by packet."""

from __future__ import annotations

import zlib

from asyncssh import compression

ALGORITHM = b"zlib@openssh.com"
LARGEST_PACKET = 256 << 10  # bytes; RFC 4253 (6.1) asks for 32,768 at the least, AsyncSSH offers no server more


class _BoundedInflation(compression.Decompressor):
    """Inflates a packet up to `LARGEST_PACKET`; AsyncSSH ends the connection where that is not all of it."""

    def __init__(self) -> None:
        self._inflating = zlib.decompressobj()

    def decompress(self, data: bytes) -> bytes | None:
        try:
            inflated = self._inflating.decompress(data, LARGEST_PACKET)
        except zlib.error:
            return None
        return None if self._inflating.unconsumed_tail else inflated


def bound_inflation() -> None:
    """Let AsyncSSH inflate with a bound wherever this process asks for compression; it has none of its own."""
    if isinstance(compression.get_decompressor(ALGORITHM), _BoundedInflation):
        return
    deflate = type(compression.get_compressor(ALGORITHM))
    compression.register_compression_alg(ALGORITHM, deflate, _BoundedInflation, after_auth=True, default=False)
