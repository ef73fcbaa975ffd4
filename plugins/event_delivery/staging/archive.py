"""What of the files that clients received is kept, so that it is known later what they hold?

A delivered file stays in its delivery's folder under a name that says its sha256, beside what is staged there: a
hard link, which costs no space as long as both are there, and stays when the file is staged anew.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from event_delivery.delivery import Delivery
from event_delivery.staging.area import open_delivery_folder
from event_delivery.staging.folder import Folder, list_names, open_file
from event_delivery.staging.private_file import write_private
from event_delivery.staging.proven_file import read_staged
from event_delivery.staging.staged_file import Manifest, path_of_staged

_KEPT = "kept-"
_RANDOM_BYTES = 8
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS)


def keep_delivered(delivery: Delivery, file: Manifest) -> None:
    """Keep the delivery file that is being delivered, in the place of what was kept of the delivery before.

    Raises:
        DeliveryError, OSError: it cannot be kept.
    """
    name = _KEPT + file.sha256
    with open_delivery_folder(delivery, make=False) as folder:
        _link_or_copy(folder, Path(file.path).name, name)
        for other in filter(is_kept, list_names(folder)):
            if other != name:
                os.unlink(other, dir_fd=folder.fd)


def is_kept(name: str) -> bool:
    """Tell whether a file in a delivery's folder is one that was delivered, by its name."""
    return name.startswith(_KEPT)


@contextmanager
def read_kept(delivery: Delivery, sha256: str) -> Iterator[IO[bytes]]:
    """Open a kept file for reading it to its end, which proves that it is the one that was delivered.

    Raises:
        StagedGoneError: none with this sha256 is kept here, or it has other bytes.
    """
    path = path_of_staged(delivery, _KEPT + sha256)
    with read_staged(Manifest(str(path), 0, 0, sha256)) as file:
        yield file


def _link_or_copy(folder: Folder, name: str, kept: str) -> None:
    """Give a file a second name; one that has it already gives way, never leaving nothing."""
    partial = f".{secrets.token_hex(_RANDOM_BYTES)}.part"
    try:
        os.link(name, partial, src_dir_fd=folder.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with open_file(folder, name) as source, write_private(folder, kept) as target:
            shutil.copyfileobj(io.BufferedReader(source), target)
        return
    os.rename(partial, kept, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
    with contextlib.suppress(FileNotFoundError):  # two names of one file: a rename leaves both
        os.unlink(partial, dir_fd=folder.fd)
