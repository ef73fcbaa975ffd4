"""Where do the bytes of an attempt come from, and are they the ones wanted?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from event_delivery.errors import RetryableError
from event_delivery.staging import StagedGoneError, discard_staged, open_staged
from event_delivery.upload.protocol import Transfer

_AGAIN = "The next try makes it again."


@contextmanager
def open_source(transfer: Transfer) -> Iterator[IO[bytes]]:
    """Open the delivery file in the staging area, or what of it is transferred, from its first byte to its last.

    Raises:
        RetryableError: it is gone since the attempt began, or cannot be read.
    """
    try:
        with open_staged(transfer.local_path) as file:
            part = _Slice(file, transfer.offset, transfer.bytes) if transfer.is_part else file
            yield cast("IO[bytes]", part)
    except StagedGoneError as gone:
        raise RetryableError(f"{gone} {_AGAIN}") from None


def check_sent(transfer: Transfer, sha256: str) -> None:
    """Remove a delivery file whose bytes, of this sha256, are not the ones wanted.

    Raises:
        RetryableError: they are not.
    """
    if sha256 != transfer.sha256:
        discard_staged(transfer.local_path)
        raise RetryableError(f"{transfer.local_path} has not the sha256 wanted. {_AGAIN}")


class _Slice(io.RawIOBase):
    def __init__(self, file: io.FileIO, offset: int, size: int) -> None:
        file.seek(offset)
        self._file, self._left = file, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._file.read(min(len(buffer), self._left))
        buffer[: len(block)] = block
        self._left -= len(block)
        return len(block)
