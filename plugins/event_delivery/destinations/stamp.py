"""Has a file of a folder changed since it was read?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

Stamp = tuple[tuple[str, int, int, int], ...]


def stamp_files(folder: Path, pattern: str) -> Stamp:
    """Return name, time, size and inode of the files of that pattern; nothing for a folder that is not there."""
    return tuple(sorted(_stamp_each(folder, pattern)))


def _stamp_each(folder: Path, pattern: str) -> Iterator[tuple[str, int, int, int]]:
    try:
        names = [name for name in os.listdir(folder) if fnmatch(name, pattern)]  # noqa: PTH208 - a stat fewer
    except OSError:
        return
    for name in names:
        try:
            stat = os.stat(folder / name)  # noqa: PTH116
        except OSError:
            continue  # removed just now, or a link that leads nowhere
        yield name, stat.st_mtime_ns, stat.st_size, stat.st_ino
