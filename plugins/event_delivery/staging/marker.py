"""What makes a folder the staging area, where files are deleted by themselves?

A marker of ours. An empty folder gets it, and so does one that holds only what earlier releases, which made none,
have staged. Any other is somebody else's: nothing is written to it, and nothing is deleted from it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator

from event_delivery.delivery import parse_key
from event_delivery.destinations.destination import DESTINATION_ID
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.staging.folder import Folder, NotOursError, is_our_file

MARKER = ".nightly-sftp-events-staging"
SWEPT, COLUMNS = ".swept", ".columns"
_TEXT = b"Nightly SFTP Events stages here, and deletes what is too old.\n"
_LOST_AND_FOUND = "lost+found"  # of a new ext4 volume
_SHOWN = 3


def is_delivery_key(name: str) -> bool:
    """Tell whether a name is that of a delivery's folder (`Delivery.key`)."""
    return parse_key(name) is not None


def claim_folder(folder: Folder) -> None:
    """Make sure that the folder is marked as ours, and mark it if it may be.

    Raises:
        PermanentError: it holds what is not ours, or its marker is not ours.
        RetryableError: it cannot be read or marked.
    """
    try:
        if _is_marked(folder):
            return
        foreign = sorted(_find_foreign(folder))
        if foreign and not _is_marked(folder):  # another process may have been faster
            raise PermanentError(_refuse(folder, foreign))
        _mark(folder)
    except OSError as error:
        raise RetryableError(f"Cannot mark the staging area {folder.path}: {error.strerror}") from error


def _is_marked(folder: Folder) -> bool:
    try:
        if is_our_file(folder, MARKER):
            return True
    except FileNotFoundError:
        return False
    raise NotOursError(f"{folder.path / MARKER} is no file of user {os.geteuid()}: remove it.")


def _mark(folder: Folder) -> None:
    with contextlib.suppress(FileExistsError):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        fd = os.open(MARKER, flags, 0o600, dir_fd=folder.fd)
        os.write(fd, _TEXT)
        os.close(fd)


def _find_foreign(folder: Folder) -> Iterator[str]:
    """Yield the names of what we have not made; a destination's folder holds deliveries' folders alone."""
    with os.scandir(folder.fd) as entries:
        for entry in entries:
            if entry.name in (MARKER, SWEPT):
                is_ours = entry.is_file(follow_symlinks=False)
            elif entry.name in (COLUMNS, _LOST_AND_FOUND):
                is_ours = entry.is_dir(follow_symlinks=False)
            else:
                is_ours = DESTINATION_ID.fullmatch(entry.name) is not None and _holds_deliveries(
                    folder, entry.name
                )
            if not is_ours:
                yield entry.name


def _holds_deliveries(folder: Folder, name: str) -> bool:
    if not stat.S_ISDIR(os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_mode):
        return False
    fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder.fd)
    try:
        with os.scandir(fd) as entries:
            return all(is_delivery_key(each.name) and each.is_dir(follow_symlinks=False) for each in entries)
    finally:
        os.close(fd)


def _refuse(folder: Folder, foreign: list[str]) -> str:
    shown = ", ".join(repr(name) for name in foreign[:_SHOWN])
    more = f" and {len(foreign) - _SHOWN} more" if len(foreign) > _SHOWN else ""
    return (
        f"EVENT_DELIVERY_STAGING: {folder.path} holds {shown}{more}, which this package has not staged. Files are "
        "deleted there, so name a folder of its own: one that is empty, or not there yet."
    )
