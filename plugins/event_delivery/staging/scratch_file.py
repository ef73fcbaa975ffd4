"""How is a file written on the way to another, which has no name, so that nothing is left of it after a kill?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from event_delivery.delivery import Delivery
from event_delivery.staging.area import open_delivery_folder
from event_delivery.staging.folder import Folder
from event_delivery.staging.private_file import name_partial
from event_delivery.staging.space import LOOK_EVERY, Space, allot_space

_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class ScratchFile:
    """An open file of the staging area that nobody else can open; it takes no more space than a staged one may.

    `bytes`: how many were written, or are reserved.
    """

    def __init__(self, file: IO[bytes], space: Space) -> None:
        self.file = file
        self._space = space
        self.bytes = 0

    def write(self, block: bytes) -> None:
        """Append a block of bytes; raises PermanentError, RetryableError as `StagedFile.write`, and OSError."""
        self.reserve(self.bytes + len(block))
        self.file.write(block)

    def reserve(self, size: int) -> None:
        """Check that the file may grow to so many bytes; raises as `write`."""
        self._space.check_quota(size)
        if size // LOOK_EVERY > self.bytes // LOOK_EVERY:
            self._space.look(size)
        self.bytes = size

    @property
    def path(self) -> str:
        """The open file as a path, for what takes no open file; from its start once it is flushed."""
        self.file.flush()
        self.file.seek(0)
        return f"/dev/fd/{self.file.fileno()}"


@contextmanager
def open_scratch(delivery: Delivery) -> Iterator[ScratchFile]:
    """Open a new file (0600) without a name beside a delivery's staged ones.

    Raises:
        PermanentError: the staging area is not ours.
        RetryableError: it cannot be made.
        OSError: the file cannot be written.
    """
    who = f"{delivery.destination.id}, {delivery.file_name} while it is packed"
    with open_delivery_folder(delivery) as folder, _open_nameless(folder) as file:
        yield ScratchFile(file, allot_space(who, folder.fd, doubles=False))


def _open_nameless(folder: Folder) -> IO[bytes]:
    partial = name_partial()
    file = os.fdopen(os.open(partial, _NEW_FILE, 0o600, dir_fd=folder.fd), "w+b")
    os.unlink(partial, dir_fd=folder.fd)
    return file
