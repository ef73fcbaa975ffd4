"""Which files were delivered, byte for byte, for as long as a destination's `keep_days`?

A kept file lies in its delivery's folder, as a second name of the staged one: that costs no disk, and what is
staged later takes the first name only. `expiry` removes it. In an object store it is a copy, see `stored_kept`.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.errors import describe_reason
from event_delivery.limits import LIMITS
from event_delivery.schedule import date_of
from event_delivery.staging.area import open_delivery_folder
from event_delivery.staging.folder import Folder, is_our_file, list_names
from event_delivery.staging.gone import StagedGoneError
from event_delivery.staging.keep_limit import keeps_none
from event_delivery.staging.kept_file import MANIFEST_ENDING, KeptFile, list_kept, write_kept_manifest
from event_delivery.staging.kept_ids import keep_ids
from event_delivery.staging.kept_name import parse_kept_name
from event_delivery.staging.proven_file import read_staged
from event_delivery.staging.staged_file import Manifest
from event_delivery.staging.store import open_store
from event_delivery.staging.stored_kept import keep_stored, list_stored_kept

_log = logging.getLogger(__name__)


def keep_delivered(
    delivery: Delivery,
    manifest: Manifest,
    file_name: str,
    remote_path: str = "",
    at: datetime | None = None,
    rehearsal: bool = False,
) -> None:
    """Keep the staged file that was delivered; what hinders it stands in the log: the file is delivered.

    Args:
        delivery: as it was delivered; a test file, or one of no `keep_days`, is not kept.
        manifest: of the staged file.
        file_name: what the ledger calls it, whatever today's YAML would.
        remote_path: where it lies on the client's server.
        at: when it was delivered, now unless told.
        rehearsal: whether it went to our own server.
    """
    destination = delivery.destination
    if delivery.kind == "test" or keeps_none(destination.keep_days):
        return
    try:
        day = str(date_of(delivery.interval, destination.timezone))
        named = (destination.client, delivery.event, day, destination.format, file_name, remote_path)
        kept = KeptFile(manifest, *named, at or datetime.now(UTC), rehearsal)
        if store := open_store():
            keep_stored(store, delivery, kept)
            return
        with open_delivery_folder(delivery, make=False) as folder:
            _keep(folder, kept)
    except Exception as error:
        reason = error.strerror if isinstance(error, OSError) else describe_reason(error, LIMITS.task)
        _log.warning("%s is delivered, and not kept for %d days: %s", file_name, destination.keep_days, reason)


def find_kept(delivery: Delivery) -> list[KeptFile]:
    """Return the files of a delivery that are kept, the last delivered first; none where nothing lies there.

    Raises:
        PermanentError: the staging area is not ours.
        RetryableError: it cannot be opened.
    """
    if store := open_store():
        return list_stored_kept(store, delivery.destination.id, delivery.key)
    try:
        with open_delivery_folder(delivery, make=False) as folder:
            return list_kept(folder)
    except FileNotFoundError:
        return []


@contextmanager
def read_kept(delivery: Delivery, sha256: str) -> Iterator[BufferedReader[Any]]:
    """Open a kept file for reading it to its end, which proves that it is the one that was delivered.

    Raises:
        StagedGoneError: none with that sha256 is kept here, or it has other bytes.
        RetryableError: it cannot be read.
    """
    kept = next((each for each in find_kept(delivery) if each.manifest.sha256 == sha256), None)
    if kept is None:
        day = f"{delivery.event} of {date_of(delivery.interval, delivery.destination.timezone)}"
        raise StagedGoneError(f"{delivery.destination.id}, {day}: no delivered file of sha256 {sha256} is kept.")
    with read_staged(kept.manifest) as file:
        yield file


def _keep(folder: Folder, kept: KeptFile) -> None:
    """Give the staged file its second name; one of the same bytes, kept before, is called so from now on.

    Not in a rehearsal, where a client has it: that would be forgotten. Another run may have staged other bytes
    since the file was sent: what was proven before is not given up for it.
    """
    name = kept.name
    if kept.rehearsal and _has_client(folder, kept):
        return
    before = [(old, parsed) for old in list_names(folder) if (parsed := parse_kept_name(old))]
    same = next((old for old, (older, ending) in before if older.sha256 == name.sha256 and not ending), None)
    if same is None:
        _take(folder, kept.manifest, str(name))
    else:
        os.rename(same, str(name), src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
    if kept.manifest.ids_sha256 and same is None:
        keep_ids(folder, name)
    write_kept_manifest(folder, kept)
    for old, (older, ending) in before:
        if older.sha256 != name.sha256 or older == name:
            continue
        if ending in ("", MANIFEST_ENDING):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(old, dir_fd=folder.fd)
        else:
            os.rename(old, f"{name}{ending}", src_dir_fd=folder.fd, dst_dir_fd=folder.fd)


def _has_client(folder: Folder, kept: KeptFile) -> bool:
    return any(each.manifest.sha256 == kept.manifest.sha256 and not each.rehearsal for each in list_kept(folder))


def _take(folder: Folder, manifest: Manifest, name: str) -> None:
    """Name the staged file twice; where a file system knows no hard links, anew: who needs it stages it again."""
    staged = Path(manifest.path).name
    if (
        not is_our_file(folder, staged)
        or os.stat(staged, dir_fd=folder.fd, follow_symlinks=False).st_size != manifest.bytes
    ):
        raise StagedGoneError(f"{manifest.path} is not the file that was sent.")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder.fd)
    try:
        os.link(staged, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
    except OSError:
        os.rename(staged, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
