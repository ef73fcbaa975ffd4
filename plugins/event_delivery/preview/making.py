"""How is a delivery's file made where nobody sends it, and nothing is left of it?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from event_delivery.delivery import Delivery
from event_delivery.extract import extract_events, stage_sample_event
from event_delivery.formats import format_events
from event_delivery.staging import Manifest, read_staged

STAGING = "EVENT_DELIVERY_STAGING"


@contextmanager
def make_preview(delivery: Delivery, of_sample: bool = False) -> Iterator[tuple[Manifest, IO[bytes]]]:
    """Make the file that a delivery would send now, checked as a night's; a test file of its sample.

    `of_sample`: whatever it is, as if the sample were all of its events.

    It lies in a private folder (0700) of this process, which is removed at the end. Neither the ledger nor the
    staging area knows of it; an encrypted file has other bytes than the one that will be sent.

    Raises:
        PermanentError, RetryableError: as `extract_events`, `stage_sample_event` and `format_events`.
    """
    with tempfile.TemporaryDirectory(prefix="preview-") as folder, _staging_in(Path(folder) / "staging"):
        of_sample = of_sample or delivery.kind == "test"
        staged = stage_sample_event(delivery) if of_sample else extract_events(delivery, True)
        manifest = format_events(delivery, staged)
        with read_staged(manifest) as file:
            yield manifest, file


@contextmanager
def _staging_in(folder: Path) -> Iterator[None]:
    """Let this process stage in a folder of its own for a while."""
    before = os.environ.get(STAGING)
    os.environ[STAGING] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[STAGING]
        else:
            os.environ[STAGING] = before
