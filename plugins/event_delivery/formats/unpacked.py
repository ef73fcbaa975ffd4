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

    Of several that lie one behind the other, as the parts of a split file do, what is in all of them. What is read
    to its end has read `file` to its end.

    Raises:
        ValueError: it is cut off, or no file that this package made.
    """
    start = file.peek(len(_ZIP))
    if start.startswith(_GZIP):
        return io.BufferedReader(_Inflated(file, _GZIP, zlib.MAX_WBITS | 16), _BLOCK_BYTES)
    if start.startswith(_ZIP):
        return io.BufferedReader(_Inflated(file, _ZIP, -zlib.MAX_WBITS), _BLOCK_BYTES)
    return file


def is_encrypted(file: io.BufferedReader[Any]) -> bool:
    """Tell whether a file is an OpenPGP message to public keys, binary or armored; nothing of it is read away."""
    start = file.peek(_LONGEST_START)[:_LONGEST_START]
    return start.startswith(_ARMORED) or _SESSION_KEY.match(start) is not None


class _Inflated(io.RawIOBase):
    """What is in each member of a file, one after the other; between two members of ZIP stands its directory."""

    def __init__(self, file: IO[bytes], start: bytes, bits: int) -> None:
        self._file, self._start, self._bits = file, start, bits
        self._held = b""
        self._inflater = self._open_member()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while self._inflater:
            if self._inflater.eof:
                self._held = self._inflater.unused_data
                self._inflater = self._open_member()
                continue
            block = self._inflater.unconsumed_tail or self._take()
            if not block:
                raise ValueError("a compressed file that is cut off")
            if data := self._inflate(self._inflater, block, len(buffer)):
                buffer[: len(data)] = data
                return len(data)
        return 0

    def _open_member(self) -> Any:
        """Return what reads the next member, whose bytes are held; None: there is none."""
        while (at := self._held.find(self._start)) < 0:
            block = self._file.read(_BLOCK_BYTES)
            if not block:
                return None
            self._held = self._held[1 - len(self._start) :] + block
        self._held = self._held[at:]
        if self._start == _ZIP:
            self._skip_header()
        return zlib.decompressobj(self._bits)

    def _skip_header(self) -> None:
        size = len(_ZIP) + _HEADER_BYTES
        self._hold(size)
        name, extra = struct.unpack("<2H", self._held[size - 4 : size])
        self._hold(size + name + extra)
        self._held = self._held[size + name + extra :]

    def _hold(self, size: int) -> None:
        while len(self._held) < size:
            if not (block := self._file.read(_BLOCK_BYTES)):
                raise ValueError("a ZIP file that is cut off")
            self._held += block

    def _take(self) -> bytes:
        block, self._held = self._held or self._file.read(_BLOCK_BYTES), b""
        return block

    def _inflate(self, inflater: Any, block: bytes, most: int) -> bytes:
        try:
            return bytes(inflater.decompress(block, most))
        except zlib.error:
            raise ValueError("no compressed file that this package made") from None
