"""Which events does a kept file hold whose own bytes do not tell that?

Their ids lie beside it, and leave with it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.staging.folder import Folder
from event_delivery.staging.gone import StagedGoneError
from event_delivery.staging.kept_file import IDS_ENDING, KeptFile
from event_delivery.staging.kept_name import KeptName
from event_delivery.staging.proven_file import read_staged
from event_delivery.staging.staged_file import Manifest
from event_delivery.staging.store import IDS_NAME, key_of_staged, open_store


def store_ids(delivery: Delivery, ids: Manifest) -> None:
    """Put the staged ids into the object store, where it has what is staged; before what leads to them.

    Raises:
        RetryableError: the store does not take them.
    """
    if store := open_store():
        store.put(Path(ids.path), key_of_staged(delivery, IDS_NAME, ids.sha256))


def keep_ids(folder: Folder, kept: KeptName) -> None:
    """Name the staged ids twice; whoever reads them proves that they are this file's. Raises OSError."""
    name = f"{kept}{IDS_ENDING}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder.fd)
    try:
        os.link(IDS_NAME, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
    except FileNotFoundError:
        return
    except OSError:
        os.rename(IDS_NAME, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)


@contextmanager
def read_kept_ids(kept: KeptFile) -> Iterator[BufferedReader[Any]]:
    """Open the ids of a kept file, each as JSON in a line of its own, for reading them to their end.

    Raises:
        StagedGoneError: none are kept, or those of another file.
        RetryableError: they cannot be read.
    """
    manifest = kept.manifest
    if not manifest.ids_sha256 or (manifest.stored and not manifest.ids_bytes):
        raise StagedGoneError(f"No ids are kept of {kept.file_name}, whose bytes do not tell them.")
    stored = f"{manifest.stored}{IDS_ENDING}" if manifest.stored else ""
    path = str(Path(manifest.path).with_name(manifest.ids_sha256)) if stored else f"{manifest.path}{IDS_ENDING}"
    with read_staged(
        Manifest(path, manifest.rows, manifest.ids_bytes, manifest.ids_sha256, stored=stored)
    ) as file:
        yield file
