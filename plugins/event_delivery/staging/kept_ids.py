"""Which events does a kept file hold whose own bytes do not tell that?

Their ids lie beside it, and leave with it. An object store keeps none: there the digest of the ids is all.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BufferedReader
from typing import Any

from event_delivery.staging.folder import Folder
from event_delivery.staging.gone import StagedGoneError
from event_delivery.staging.kept_file import KeptFile
from event_delivery.staging.kept_name import KeptName
from event_delivery.staging.proven_file import read_staged

IDS_NAME, _ENDING = "ids.jsonl", ".ids"


def keep_ids(folder: Folder, kept: KeptName) -> None:
    """Name the staged ids twice; whoever reads them proves that they are this file's. Raises OSError."""
    name = f"{kept}{_ENDING}"
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
    ids = kept.manifest.ids_sha256
    if kept.manifest.stored or not ids:
        raise StagedGoneError(f"No ids are kept of {kept.file_name}, whose bytes do not tell them.")
    with read_staged(replace(kept.manifest, path=f"{kept.manifest.path}{_ENDING}", sha256=ids)) as file:
        yield file
