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
# What stands behind a member: by its signature, how long it is, and where it says how much more follows.
_BEHIND = {
    b"PK\x01\x02": (42, "<24x3H12x"),
    b"PK\x06\x06": (8, "<Q"),
    b"PK\x06\x07": (16, "<16x"),
    b"PK\x05\x06": (18, "<16xH"),
}


def unpack_file(file: io.BufferedReader[Any]) -> IO[bytes]:
    """Return a file as it was before this package compressed it, one that is not compressed as it is.

    Of a split file the parts one behind the other. What is read to its end has read `file` to its end.

    Raises:
        ValueError: it is cut off, or no file that this package made.
    """
    start = file.peek(len(_ZIP))
    if start.startswith(_GZIP):
        return io.BufferedReader(_Inflated(_Gzip(file)), _BLOCK_BYTES)
    if start.startswith(_ZIP):
        return io.BufferedReader(_Inflated(_Zip(file)), _BLOCK_BYTES)
    return file


def is_encrypted(file: io.BufferedReader[Any]) -> bool:
    """Tell whether a file is an OpenPGP message to public keys, binary or armored; nothing of it is read away."""
    start = file.peek(_LONGEST_START)[:_LONGEST_START]
    return start.startswith(_ARMORED) or _SESSION_KEY.match(start) is not None


class _Gzip:
    """The members of a gzip file."""

    bits = zlib.MAX_WBITS | 16

    def __init__(self, file: IO[bytes]) -> None:
        self.file = _Rest(file)

    def enter_next(self) -> bool:
        """Stand at the next member; tells whether there is one."""
        return not self.file.is_over()


class _Zip:
    """The members of ZIP files, each with one, one behind the other."""

    bits = -zlib.MAX_WBITS

    def __init__(self, file: IO[bytes]) -> None:
        self.file = _Rest(file)

    def enter_next(self) -> bool:
        """Stand at the data of the next member; tells whether there is one."""
        while not self.file.is_over():
            signature = self.file.take(len(_ZIP))
            if signature == _ZIP:
                self._skip(_HEADER_BYTES, "<22x2H")
                return True
            if signature not in _BEHIND:
                raise ValueError("no compressed file that this package made")
            self._skip(*_BEHIND[signature])
        return False

    def _skip(self, size: int, lengths: str) -> None:
        """Read a record of a known size, and then what it says that follows it."""
        self.file.take(sum(struct.unpack(lengths, self.file.take(size))))


class _Rest:
    """What of a file has not been used yet."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._held = b""

    def give_back(self, block: bytes) -> None:
        self._held = block + self._held

    def is_over(self) -> bool:
        self._held = self._held or self._file.read(_BLOCK_BYTES)
        return not self._held

    def read(self) -> bytes:
        block, self._held = self._held or self._file.read(_BLOCK_BYTES), b""
        return block

    def take(self, size: int) -> bytes:
        while len(self._held) < size and (block := self._file.read(_BLOCK_BYTES)):
            self._held += block
        if len(self._held) < size:
            raise ValueError("a compressed file that is cut off")
        taken, self._held = self._held[:size], self._held[size:]
        return taken


class _Inflated(io.RawIOBase):
    def __init__(self, members: _Gzip | _Zip) -> None:
        self._members = members
        self._inflater = self._open_next()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while self._inflater:
            if self._inflater.eof:
                self._members.file.give_back(self._inflater.unused_data)
                self._inflater = self._open_next()
                continue
            block = self._inflater.unconsumed_tail or self._members.file.read()
            if not block:
                raise ValueError("a compressed file that is cut off")
            if data := self._inflate(self._inflater, block, len(buffer)):
                buffer[: len(data)] = data
                return len(data)
        return 0

    def _open_next(self) -> Any:
        return zlib.decompressobj(self._members.bits) if self._members.enter_next() else None

    def _inflate(self, inflater: Any, block: bytes, most: int) -> bytes:
        try:
            return bytes(inflater.decompress(block, most))
        except zlib.error:
            raise ValueError("no compressed file that this package made") from None
