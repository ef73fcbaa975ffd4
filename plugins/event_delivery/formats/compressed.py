"""How is a file compressed, so that the same bytes in make the same bytes out?

No clock and no name of this machine go in. With another zlib the compressed bytes may be others, of the same file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO

LEVEL = 6
_RAW = -zlib.MAX_WBITS
_BLOCK_BYTES = 1 << 20
_GZIP_HEAD = b"\x1f\x8b\x08" + b"\0" * 6 + b"\xff"  # deflated, no name, no time, of no system
_VERSION, _VERSION_64, _UTF_8, _DEFLATED = 20, 45, 1 << 11, 8
_FIRST_DAY = 1 << 5 | 1  # of January 1980: ZIP knows no earlier one
_MADE_ON_UNIX, _PRIVATE = 3 << 8, 0o100600 << 16
_MOST_32 = 0xFFFFFFFF


def gzip_blocks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a gzip file (RFC 1952) of the blocks."""
    yield _GZIP_HEAD
    totals = Totals()
    yield from totals.deflate(blocks)
    yield struct.pack("<2I", totals.crc, totals.plain & _MOST_32)


def zip_blocks(
    blocks: Iterable[bytes], name: str, write: Callable[[bytes], object], written: IO[bytes]
) -> Iterator[bytes]:
    """Yield the bytes of a ZIP file with one member.

    What is deflated goes to the side first: with sizes and checksum before the data every reader can take it.

    Args:
        blocks: of the member.
        name: of the member.
        write: appends to the side file.
        written: the side file, to be read from its start.
    """
    totals = Totals()
    for block in totals.deflate(blocks):
        write(block)
    written.seek(0)
    yield totals.local_header(name)
    yield from iter(lambda: written.read(_BLOCK_BYTES), b"")
    yield totals.directory(name)


class Totals:
    """What a container says of what it holds: checksum, bytes before, bytes deflated."""

    def __init__(self, most_32: int = _MOST_32) -> None:
        self.crc = self.plain = self.deflated = 0
        self._most_32 = most_32

    def deflate(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the deflated bytes of blocks, and count them."""
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _RAW)
        for block in blocks:
            self.crc = zlib.crc32(block, self.crc)
            self.plain += len(block)
            yield self._count(packer.compress(block))
        yield self._count(packer.flush())

    def local_header(self, name: str) -> bytes:
        """Return what stands before the member's data."""
        sizes, extra = self._sizes()
        head = struct.pack("<4s5H", b"PK\x03\x04", self._version, _UTF_8, _DEFLATED, 0, _FIRST_DAY)
        return (
            head + struct.pack("<3I2H", self.crc, *sizes, len(name.encode()), len(extra)) + name.encode() + extra
        )

    def directory(self, name: str) -> bytes:
        """Return what stands behind the member's data: the directory, and where it is."""
        sizes, extra = self._sizes()
        head = struct.pack(
            "<4s6H", b"PK\x01\x02", _MADE_ON_UNIX | self._version, self._version, _UTF_8, _DEFLATED, 0, _FIRST_DAY
        )
        lengths = len(name.encode()), len(extra), 0, 0, 0
        entry = head + struct.pack("<3I5H2I", self.crc, *sizes, *lengths, _PRIVATE, 0) + name.encode() + extra
        start = len(self.local_header(name)) + self.deflated
        return entry + self._end(start, len(entry))

    def _end(self, start: int, length: int) -> bytes:
        is_far = self._is_large(start)
        end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, length, _MOST_32 if is_far else start, 0)
        if not is_far:
            return end
        record = struct.pack(
            "<4sQ2H2I4Q", b"PK\x06\x06", 44, _MADE_ON_UNIX | _VERSION_64, _VERSION_64, 0, 0, 1, 1, length, start
        )
        return record + struct.pack("<4sIQI", b"PK\x06\x07", 0, start + length, 1) + end

    @property
    def _version(self) -> int:
        return _VERSION_64 if self._is_large(self.plain, self.deflated) else _VERSION

    def _sizes(self) -> tuple[tuple[int, int], bytes]:
        """Return deflated and plain size for a header, and the extra field that has them where they are large."""
        if not self._is_large(self.plain, self.deflated):
            return (self.deflated, self.plain), b""
        return (_MOST_32, _MOST_32), struct.pack("<2H2Q", 1, 16, self.plain, self.deflated)

    def _is_large(self, *numbers: int) -> bool:
        return any(number >= self._most_32 for number in numbers)

    def _count(self, block: bytes) -> bytes:
        self.deflated += len(block)
        return block
