"""How does a companion get onto the server, always behind its file?

Where another file is about to take a name, the companion of the older one is removed before: beside the new file
it would say what is not so. Then the new file comes, and when that is proven to be whole, its companion, by the
same protocol, with a journal of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.companions import (
    CompanionPlace,
    forget_companion,
    read_companion,
    record_companion_step,
)
from event_delivery.limits import ATTEMPTS
from event_delivery.sftp.progress import Progress
from event_delivery.upload.companion import Companion
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.protocol import Journal, Outcome, Reached, Step, Transfer
from event_delivery.upload.transfer import transfer_file
from event_delivery.upload.writing import Act


@dataclass(frozen=True)
class Accompanying:
    """A companion on its way, and the ledger that knows how far it has come."""

    preparation: Preparation
    companion: Companion
    ledger: BoundedLedger

    @property
    def place(self) -> CompanionPlace:
        """Where it is to lie, beside which file."""
        server, name = self.preparation.server, self.companion.name
        sha256 = self.companion.file.sha256
        return CompanionPlace(self.preparation.file.sha256, name, sha256, server.address, server.path(name))

    async def clear_the_way(self, act: Act) -> None:
        """Remove what the file before had beside it, which the file that comes now would belie."""
        await self.ledger.ask_soon(forget_companion, self.preparation.attempt)
        await act.remote.discard(self.place.remote_path)

    async def follow(self, act: Act, outcome: Outcome, log: Any) -> None:
        """Send it behind the file, unless it lies there; a later try knows how far it came.

        Raises:
            asyncssh.Error, OSError, DeliveryError: as `transfer_file`; the journal tells of the companion then.
        """
        place, file = self.place, self.companion.file
        await act.journal.record("delivered", act.transfer.remote_path)
        attempt = self.preparation.attempt
        found = None if outcome.sent else await self.ledger.ask_soon(read_companion, attempt, place)

        async def record(step: Step, path: str) -> None:
            await self.ledger.ask_soon(record_companion_step, attempt, place, step, path)

        journal = Journal(record, place.remote_path)
        own = replace(
            act, transfer=self._describe(act.transfer, found), journal=journal, progress=Progress(file.bytes)
        )
        try:
            done = await transfer_file(replace(own, beside=None))
        except BaseException:
            act.journal.path, act.journal.activity = journal.path, f"companion, {journal.activity}"
            raise
        await record("delivered", place.remote_path)
        log.info("%s: %s", self.companion.name, done.words)

    def _describe(self, transfer: Transfer, found: tuple[str, str] | None) -> Transfer:
        """Return the companion's transfer: as its file's, with what is known of its own steps."""
        path, number = self.place.remote_path, self.preparation.attempt.number
        name = self.preparation.delivery.destination.temporary_name
        reached = Reached(found[0], found[1]) if found and self.preparation.attempt.carries_on else None  # type: ignore[arg-type]
        earlier = range(max(1, number - ATTEMPTS), number)
        return replace(
            transfer,
            local_path=Path(self.companion.file.path),
            bytes=self.companion.file.bytes,
            sha256=self.companion.file.sha256,
            remote_path=path,
            temporary_path=path if transfer.direct else name.path(path, number),
            leftover_paths=tuple(name.path(path, past) for past in earlier),
            reached=reached,
            unresolved=None,
            forgotten=False,
        )
