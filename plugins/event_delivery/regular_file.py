"""What does a small file hold that anyone with the right to write into the project may have put there?"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_KIB = 1024
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_regular_file(file: Path, most_kib: int) -> str:
    """Return the text, UTF-8, of a regular file of at most so many KiB; links to one are followed.

    Kubernetes and git-sync publish files by links. What a pipe or a device would do to its reader, it does not:
    nothing waits, and no more is read than allowed.

    Raises:
        ValueError: it is no regular file, too large, or not UTF-8.
        OSError: it cannot be read.
    """
    _check(os.stat(file), most_kib)  # noqa: PTH116 - before opening: that alone may move a device
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as opened:
        _check(os.fstat(descriptor), most_kib)
        content = opened.read(most_kib * _KIB + 1)
    if len(content) > most_kib * _KIB:
        raise ValueError(f"found more than {most_kib} KiB, wanted at most that")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start + 1})") from None


def _check(found: os.stat_result, most_kib: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(
            f"found {_KINDS.get(stat.S_IFMT(found.st_mode), 'a special file')}, wanted a regular file"
        )
    if found.st_size > most_kib * _KIB:
        raise ValueError(f"found {found.st_size:,} bytes, wanted at most {most_kib} KiB")
