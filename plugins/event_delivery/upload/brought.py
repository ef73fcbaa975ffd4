"""Which file does an attempt bring, and what is said of one that the ledger had forgotten?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from event_delivery.ledger.attempts import RecordedFile
from event_delivery.staging import KeptFile, Manifest
from event_delivery.upload.protocol import DECIDE


@dataclass(frozen=True)
class Brought:
    """The file that an attempt brings, by the name and in the format that it was made with.

    `since`: when it was delivered, of which the ledger knows nothing; None: it is of this run, or undecided.
    `carries_on`: what the attempt before it reached counts for this one.
    """

    file: Manifest
    file_name: str
    format: str
    since: datetime | None = None
    is_kept: bool = False
    carries_on: bool = False

    @property
    def adopted(self) -> str:
        """What a person should know of a file that the ledger had forgotten, a sentence."""
        return (
            f"The ledger had forgotten it: it was delivered at {self.since:%Y-%m-%d %H:%M:%S %Z}, and not again."
        )

    @property
    def forgotten(self) -> str | None:
        """What is said of a file that the ledger has forgotten, in a sentence; None: it has not."""
        if self.since is None:
            return None
        return (
            f"the ledger knows nothing of {self.file_name}, although the file as it was delivered at "
            f"{self.since:%Y-%m-%d %H:%M:%S %Z} is kept: was the ledger restored to an older state? {DECIDE}"
        )


def describe_brought(brought: Brought, unusual: str | None) -> RecordedFile:
    """Return it for the ledger; `unusual`: how its number of events is out of line, a sentence."""
    file = brought.file
    recipe: dict[str, Any] = {"format": brought.format, "columns": list(file.columns)}
    recipe |= {"types": list(file.types)} if file.types else {}
    recipe |= {"company_id": file.company_id} | ({"exact": True} if file.exact else {})
    recipe |= {"copy": file.recipe} if file.recipe else {}
    if file.shape:
        recipe |= {"shape": file.shape, "plain_sha256": file.plain_sha256, "filtered": file.filtered}
    counted = (file.rows, file.bytes, file.sha256, file.profile)
    return RecordedFile(brought.file_name, recipe, *counted, file.id_digest or None, file.unready or None, unusual)


def bring_kept(kept: KeptFile, since: datetime | None, carries_on: bool = False) -> Brought:
    """Return a kept file as what an attempt brings, by the name and in the format that it had."""
    return Brought(kept.manifest, kept.file_name, kept.format, since, is_kept=True, carries_on=carries_on)
