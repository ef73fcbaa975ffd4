"""What was in a file before it was packed? Read back in constant memory."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import IO, Any

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ARMORED = b"-----BEGIN PGP MESSAGE-----"
# The first packet is a session key of version 3 or 6: its tag and length, in the old layout or the new. No text
# has such a start: it would hold a control character.
_SESSION_KEY = re.compile(rb"(\x84.|\x85..|\xc1[\x00-\xbf]|\xc1[\xc0-\xdf].|\xc1\xff.{4})[\x03\x06]", re.DOTALL)
_LONGEST_START = len(_ARMORED)
_BLOCK_BYTES = 1 << 18
_HEADER_BYTES = 26  # of a ZIP's member, without its signature


def unpack_file(file: io.BufferedReader[Any]) -> IO[bytes]:
    """Return a file as it was before this package compressed it, one that is not compressed as it is.

    What is read to its end has read `file` to its end.

    Raises:
        ValueError: it is cut off, or no file that this package made.
    """
    start = file.peek(len(_ZIP))
    if start.startswith(_GZIP):
        return io.BufferedReader(_Inflated(file, zlib.MAX_WBITS | 16), _BLOCK_BYTES)
    if start.startswith(_ZIP):
        _skip_header(file)
        return io.BufferedReader(_Inflated(file, -zlib.MAX_WBITS), _BLOCK_BYTES)
    return file


def is_encrypted(file: io.BufferedReader[Any]) -> bool:
    """Tell whether a file is an OpenPGP message to public keys, binary or armored; nothing of it is read away."""
    start = file.peek(_LONGEST_START)[:_LONGEST_START]
    return start.startswith(_ARMORED) or _SESSION_KEY.match(start) is not None


def _skip_header(file: IO[bytes]) -> None:
    header = file.read(len(_ZIP) + _HEADER_BYTES)
    if len(header) < len(_ZIP) + _HEADER_BYTES:
        raise ValueError("a ZIP file that is cut off")
    name, extra = struct.unpack("<2H", header[-4:])
    file.read(name + extra)


class _Inflated(io.RawIOBase):
    def __init__(self, file: IO[bytes], bits: int) -> None:
        self._file = file
        self._inflater = zlib.decompressobj(bits)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        inflater = self._inflater
        while not inflater.eof:
            block = inflater.unconsumed_tail or self._file.read(_BLOCK_BYTES)
            if not block:
                raise ValueError("a compressed file that is cut off")
            if data := self._inflate(block, len(buffer)):
                buffer[: len(data)] = data
                return len(data)
        while self._file.read(_BLOCK_BYTES):
            pass
        return 0

    def _inflate(self, block: bytes, most: int) -> bytes:
        try:
            return self._inflater.decompress(block, most)
        except zlib.error:
            raise ValueError("no compressed file that this package made") from None
