"""How does a file appear in the staging area whole or not at all, for our user's eyes only?"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from event_delivery.limits import ABANDONED_AFTER
from event_delivery.staging.folder import Folder, list_names

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_RANDOM_BYTES = 8


@contextmanager
def write_private(folder: Folder, name: str | Callable[[], str]) -> Iterator[IO[bytes]]:
    """Write a file (0600) under a temporary name that nobody can foresee, and give it its own when it is whole.

    What had its name before, a link too, is replaced. A name that depends on the content is asked for at the end.

    Raises:
        OSError: it cannot be written.
    """
    _remove_abandoned(folder)
    partial = name_partial()
    try:
        with os.fdopen(os.open(partial, _NEW_FILE, 0o600, dir_fd=folder.fd), "wb") as file:
            yield file
        own = name if isinstance(name, str) else name()
        os.rename(partial, own, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial, dir_fd=folder.fd)


def name_partial() -> str:
    """Return a temporary name that nobody can foresee."""
    return f".{secrets.token_hex(_RANDOM_BYTES)}.part"


def _remove_abandoned(folder: Folder) -> None:
    """Remove what killed tasks left half written, unless another run may be writing it now."""
    for name in list_names(folder):
        if name.startswith(".") and name.endswith(".part"):
            with contextlib.suppress(OSError):
                found = os.stat(name, dir_fd=folder.fd, follow_symlinks=False)
                if time.time() - found.st_mtime > ABANDONED_AFTER or not stat.S_ISREG(found.st_mode):
                    os.unlink(name, dir_fd=folder.fd)
