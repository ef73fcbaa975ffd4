"""Where do the bytes of an attempt come from, and are they the ones wanted?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from event_delivery.errors import RetryableError
from event_delivery.staging import StagedGoneError, discard_staged, open_staged
from event_delivery.upload.protocol import Transfer

_AGAIN = "The next try makes it again."


@contextmanager
def open_source(transfer: Transfer) -> Iterator[io.FileIO]:
    """Open the delivery file in the staging area.

    Raises:
        RetryableError: it is gone since the attempt began, or cannot be read.
    """
    try:
        with open_staged(transfer.local_path) as file:
            yield file
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
