"""Is a file that would not be made twice made already, of the same events, in the same shape, for the same keys?

No file is encrypted twice to the same bytes, and another release of Arrow writes Parquet otherwise. So a file that
was made is used again, whether it is staged or kept: what a client may have in part goes on, and what it has is
known again.
"""

from __future__ import annotations

import hashlib
import logging

from event_delivery.delivery import Delivery
from event_delivery.openpgp import load_keys
from event_delivery.staging import (
    BLOCK_BYTES,
    Manifest,
    StagedGoneError,
    check_staged,
    find_kept,
    name_again,
    read_staged,
)

_log = logging.getLogger(__name__)


def describe_making(delivery: Delivery) -> str:
    """Return the digest of a delivery's shape and keys, as of today; empty: its file can be made twice.

    Raises:
        PermanentError: a key is missing, wrong or expired.
    """
    keys = load_keys(delivery.destination)
    if keys is None and delivery.destination.format != "parquet":
        return ""
    return hashlib.sha256(f"{delivery.destination.token}\n{keys.digest if keys else ''}".encode()).hexdigest()


def find_made(delivery: Delivery, staged: Manifest, made_for: str) -> Manifest | None:
    """Return the file of the staged events, as the delivery file; None: none was made yet, or is left.

    Args:
        delivery: whose file it is.
        staged: what is known of its events.
        made_for: see `describe_making`.

    Raises:
        PermanentError, RetryableError: the staging area cannot be read or written.
    """
    if not made_for:
        return None
    wanted = staged.sha256, made_for
    found = _find_staged(delivery, wanted) or _find_kept(delivery, wanted)
    if found:
        _log.info("%s is made already, of the same events, in its shape and for its keys", delivery.file_name)
    return found


def _find_staged(delivery: Delivery, wanted: tuple[str, str]) -> Manifest | None:
    try:
        found = check_staged(delivery, delivery.file_name)
    except StagedGoneError:
        return None
    return found if (found.plain_sha256, found.made_for) == wanted else None


def _find_kept(delivery: Delivery, wanted: tuple[str, str]) -> Manifest | None:
    for kept in find_kept(delivery):
        if (kept.manifest.plain_sha256, kept.manifest.made_for) == wanted:
            try:
                _prove(kept.manifest)
                return name_again(delivery, kept.manifest, delivery.file_name)
            except StagedGoneError as gone:
                _log.warning("%s It is made anew.", gone)
    return None


def _prove(manifest: Manifest) -> None:
    """Read a kept file to its end; raises StagedGoneError: it is not what was delivered."""
    with read_staged(manifest) as file:
        while file.read(BLOCK_BYTES):
            pass
