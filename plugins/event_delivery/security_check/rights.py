"""Which folders of ours may other users of the machine write or read?"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from event_delivery.destinations import EVENT_TYPES
from event_delivery.destinations.folder import destinations_folder
from event_delivery.security_check.findings import Finding
from event_delivery.staging import staging_root


def check_rights() -> Iterator[Finding]:
    """Yield what others may write, and of the staging area what they may read; raises OSError."""
    yield from _check_staging(staging_root())
    destinations = destinations_folder()
    for folder in (destinations, EVENT_TYPES.include / "sql", EVENT_TYPES.include / "samples"):
        if folder.is_dir():
            for path in (folder, *sorted(folder.iterdir())):
                yield from _check_writers(path)
    yield from _check_readers(destinations)


def _check_staging(folder: Path) -> Iterator[Finding]:
    mode = _mode(folder)
    if mode & (stat.S_IRWXO | stat.S_IRWXG):
        whom = "everybody" if mode & stat.S_IRWXO else "its group"
        yield Finding(
            "high" if mode & stat.S_IRWXO else "medium", str(folder),
            f"the staging area holds learners' data, and {whom} may enter it (mode {mode:04o}).",
            f"Run: chmod 700 {folder}",
        )  # fmt: skip


def _check_writers(path: Path) -> Iterator[Finding]:
    mode = _mode(path)
    if mode & stat.S_IWOTH:
        yield Finding(
            "high", str(path),
            f"everybody may write it (mode {mode:04o}), and so decide what is delivered and where.",
            f"Run: chmod o-w {path}",
        )  # fmt: skip


def _check_readers(folder: Path) -> Iterator[Finding]:
    mode = _mode(folder)
    if mode & stat.S_IROTH:
        yield Finding(
            "low", str(folder), f"everybody on this machine may read it (mode {mode:04o}): clients' names.",
            f"Where others work on this machine, run: chmod o-rwx {folder}",
        )  # fmt: skip


def _mode(path: Path) -> int:
    """Return a path's rights; of a link, those of what it leads to, and none where that is missing."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0
