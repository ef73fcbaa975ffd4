"""How does a companion get onto the server, always behind its file?

Where another file is about to take a name, the companion of the older one is removed right before, of whatever
kind it is: beside the new file it would say what is not so. Then the new file comes, and when that is proven to
be whole, its companion, by the same protocol, with a journal of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.companions import (
    Beside,
    CompanionPlace,
    doubt_companions,
    forget_companions,
    read_companion,
    record_companion_step,
)
from event_delivery.sftp.progress import Progress
from event_delivery.upload.companion import Companion, name_companions
from event_delivery.upload.left_whole import remember_whole
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.protocol import Journal, Outcome, Reached, Step, Transfer
from event_delivery.upload.transfer import transfer_file
from event_delivery.upload.transferred import name_on_its_way
from event_delivery.upload.writing import Act


@dataclass(frozen=True)
class Accompanying:
    """What follows a file, None: nothing does, and the ledger that knows how far it has come."""

    preparation: Preparation
    companion: Companion | None
    ledger: BoundedLedger
    log: Any

    async def send(self, act: Act, anew: bool = False) -> Outcome:  # as `Parted.send`
        """Send the file; raises as `transfer_file`."""
        await remember_whole(self.preparation, self.ledger)
        return await transfer_file(replace(act, clear_the_way=self._clear_the_way))

    async def _clear_the_way(self, act: Act) -> None:
        """Remove what the file before had beside it, which the file that comes now would belie.

        Only what was sent: what the client has laid there itself stays.
        """
        attempt, server = self.preparation.attempt, self.preparation.server
        if not (self.companion or attempt.before):
            return
        name, where = attempt.file_name, (server.address, server.path(""))
        beside = Beside(name, name_companions(name), [name], *where)
        known, parts = await self.ledger.ask_soon(doubt_companions, attempt, beside)
        own = [server.path(self.companion.name)] if self.companion else []
        kept = await act.remote.remove_all([*dict.fromkeys(known + own)])
        kept += await act.remote.remove_all(parts)  # of the same file, when it was split
        for path in kept:
            self.log.warning("%s: the server does not let us remove it, although a new file comes", path)
        await self.ledger.ask_soon(forget_companions, attempt, beside)

    async def follow(self, act: Act, outcome: Outcome) -> None:
        """Send it behind the file, unless it lies there; a later try knows how far it came.

        Raises:
            asyncssh.Error, OSError, DeliveryError: as `transfer_file`; the journal tells of the companion then.
        """
        if self.companion:
            await self._follow(act, outcome, self.companion)

    async def _follow(self, act: Act, outcome: Outcome, companion: Companion) -> None:
        place, file = self._find_place(companion), companion.file
        await act.journal.record("delivered", act.transfer.remote_path)
        attempt = self.preparation.attempt
        found = None if outcome.sent else await self.ledger.ask_soon(read_companion, attempt, place)

        async def record(step: Step, path: str) -> None:
            await self.ledger.ask_soon(record_companion_step, attempt, place, step, path)

        journal = Journal(record, place.remote_path)
        transfer = self._describe(act.transfer, companion, place, found)
        own = Act(act.remote, transfer, journal, Progress(file.bytes), act.limits)
        try:
            done = await transfer_file(own)
        except BaseException:
            act.journal.path, act.journal.activity = journal.path, f"companion, {journal.activity}"
            raise
        await record("delivered", place.remote_path)
        self.log.info("%s: %s", companion.name, done.words)

    def _find_place(self, companion: Companion) -> CompanionPlace:
        """Return where it is to lie, beside which file."""
        server, beside = self.preparation.server, self.preparation.file.sha256
        path = server.path(companion.name)
        return CompanionPlace(beside, companion.name, companion.file.sha256, server.address, path)

    def _describe(
        self, transfer: Transfer, companion: Companion, place: CompanionPlace, found: tuple[str, str] | None
    ) -> Transfer:
        """Return the companion's transfer: as its file's, with what is known of its own steps."""
        temporary, leftovers = name_on_its_way(self.preparation, place.remote_path, transfer.direct)
        reached = Reached(found[0], found[1]) if found and self.preparation.attempt.carries_on else None  # type: ignore[arg-type]
        return replace(
            transfer,
            local_path=Path(companion.file.path),
            bytes=companion.file.bytes,
            sha256=companion.file.sha256,
            remote_path=place.remote_path,
            temporary_path=temporary,
            leftover_paths=leftovers,
            reached=reached,
            unresolved=None,
            forgotten=False,
        )
