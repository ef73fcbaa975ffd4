"""How is what lies in the staging area reached, so that no link leads elsewhere and nobody else reads along?

Every step is taken from the open folder above it, and a link is never followed. What is not our user's is refused.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from event_delivery.errors import PermanentError, RetryableError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a FIFO would be waited for
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class NotOursError(PermanentError):
    """What lies there is another user's, or neither a file nor a folder."""


@dataclass(frozen=True)
class Folder:
    """An open folder of ours; the path is for messages."""

    fd: int
    path: Path


@contextmanager
def enter_folder(parent: Folder, name: str, make: bool = True) -> Iterator[Folder]:
    """Open the folder (0700) of that name, made when missing.

    Raises:
        FileNotFoundError: it is missing and shall not be made.
        NotOursError: it is a link, a file or another user's.
        RetryableError: it cannot be made or opened.
    """
    path = parent.path / name
    fd = _open_folder(parent, name, path, make)
    try:
        make_private(fd, path)
        yield Folder(fd, path)
    finally:
        os.close(fd)


def open_file(folder: Folder, name: str) -> io.FileIO:
    """Open a file of ours for reading.

    Raises:
        FileNotFoundError: there is none.
        NotOursError: it is a link, no file or another user's.
    """
    path = folder.path / name
    if not is_our_file(folder, name):
        raise NotOursError(f"{path} is no file of user {os.geteuid()}.")
    file = io.FileIO(os.open(name, _FILE, dir_fd=folder.fd))
    if not _is_ours(os.fstat(file.fileno()), stat.S_ISREG):
        file.close()
        raise NotOursError(f"{path} is no file of user {os.geteuid()}.")
    return file


def list_names(folder: Folder) -> list[str]:
    """Return the names of what lies in a folder, in order."""
    with os.scandir(folder.fd) as entries:
        return sorted(entry.name for entry in entries)


def is_our_file(folder: Folder, name: str) -> bool:
    """Tell whether a name is a file's, no link's, and of our user.

    Raises:
        FileNotFoundError: nothing has the name.
    """
    return _is_ours(os.stat(name, dir_fd=folder.fd, follow_symlinks=False), stat.S_ISREG)


def make_private(fd: int, path: Path) -> None:
    """Take everybody else's rights from an open folder of ours: a volume's owner may have given them to a group.

    Raises:
        NotOursError: the folder is another user's.
        PermanentError: the rights stay.
    """
    found = os.fstat(fd)
    if not _is_ours(found, stat.S_ISDIR):
        raise NotOursError(f"{path} belongs to user {found.st_uid}, this is user {os.geteuid()}: remove it.")
    if not found.st_mode & _OTHERS:
        return
    with contextlib.suppress(OSError):
        os.fchmod(fd, stat.S_IMODE(found.st_mode) & ~_OTHERS)
    if os.fstat(fd).st_mode & _OTHERS:
        mode = stat.S_IMODE(found.st_mode)
        raise PermanentError(f"{path} has mode {mode:04o}, wanted 0700, and that cannot be set: mount it so.")


def _open_folder(parent: Folder, name: str, path: Path, make: bool) -> int:
    try:
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=parent.fd)
        return os.open(name, _FOLDER, dir_fd=parent.fd)
    except FileNotFoundError:
        if not make:
            raise
        raise RetryableError(f"Cannot make the staging folder {path}: it was removed at that moment.") from None
    except OSError as error:
        if _is_no_folder(parent, name):
            raise NotOursError(f"{path} is a link or a file, wanted a folder: remove it.") from None
        raise RetryableError(f"Cannot make the staging folder {path}: {error.strerror}") from error


def _is_no_folder(parent: Folder, name: str) -> bool:
    with contextlib.suppress(OSError):
        return not stat.S_ISDIR(os.stat(name, dir_fd=parent.fd, follow_symlinks=False).st_mode)
    return False


def _is_ours(found: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    return is_kind(found.st_mode) and found.st_uid == os.geteuid()
