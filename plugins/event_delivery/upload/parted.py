"""How does a split file get onto the server: each part whole and once, and last the manifest that names them all?

To the ledger they are one file: the parts one behind the other, which lies where the manifest does. Each part goes
by the protocol of a file of its own, with a journal of its own. Before the first one takes a name, the manifest
that was there is removed, and then the parts that are no longer: so a manifest never stands beside parts that it
does not name as they are, and a delivery is not delivered before its manifest is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.companions import (
    CompanionPlace,
    doubt_companions,
    forget_companions,
    read_companion,
    record_companion_step,
)
from event_delivery.sftp.progress import Progress
from event_delivery.staging import Part
from event_delivery.upload.companion import Companion
from event_delivery.upload.left_whole import remember_whole
from event_delivery.upload.part_places import Places
from event_delivery.upload.part_transfer import describe_manifest, describe_part
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.protocol import Journal, Outcome, Reached, Step
from event_delivery.upload.proving import prove_test_file
from event_delivery.upload.transfer import transfer_file
from event_delivery.upload.writing import Act


@dataclass
class Parted:
    """A split file's parts and manifest, the ledger that knows how far each is, and whether the way is clear."""

    preparation: Preparation
    parts: Sequence[Part]
    manifest: Companion
    ledger: BoundedLedger
    log: Any
    is_clear: bool = False

    @property
    def _places(self) -> Places:
        return Places(self.preparation.server, self.preparation.attempt.file_name, self.preparation.file.sha256)

    async def send(self, act: Act, anew: bool = False) -> Outcome:
        """Send parts and manifest, unless they lie there; `anew`: whatever was reached, in another mode, say.

        Raises:
            asyncssh.Error, OSError, DeliveryError: as `transfer_file`; the journal tells which of them it was.
        """
        found = await self._read_reached(self._places.place_manifest(self.manifest))
        reached = [
            None if anew else await self._read_reached(self._places.place_part(part)) for part in self.parts
        ]
        if not act.transfer.retrying:
            await self._doubt(())
        act = replace(act, beside=None, transfer=describe_manifest(act.transfer, self.manifest, found, anew))
        await remember_whole(self.preparation, self.ledger)
        is_sent = False
        for part, before in zip(self.parts, reached, strict=True):
            outcome = await self._send_part(act, part, before)
            is_sent = is_sent or outcome.sent
        outcome = await self._send_manifest(act)
        await self.record("delivered", act.transfer.remote_path)
        words = f"{len(self.parts)} parts, and of their manifest: {outcome.words}"
        return replace(outcome, words=words, sent=outcome.sent or is_sent)

    async def record(self, step: Step, path: str) -> None:
        """Record how far the manifest has come."""
        place, attempt = self._places.place_manifest(self.manifest), self.preparation.attempt
        await self.ledger.ask_soon(record_companion_step, attempt, place, step, path)

    async def _send_manifest(self, act: Act) -> Outcome:
        act.journal.path, act.journal.activity = act.transfer.remote_path, "looking for the manifest"
        known = replace(act.transfer, reached=None) if self.is_clear else act.transfer
        own = replace(act, transfer=known, progress=Progress(known.bytes), clear_the_way=self._clear_the_way(act))
        return await prove_test_file(self.preparation.delivery, own, await transfer_file(own))

    async def _send_part(self, main: Act, part: Part, found: Reached | None) -> Outcome:
        place = self._places.place_part(part)
        main.journal.path, main.journal.activity = place.remote_path, f"part {part.number} of {len(self.parts)}"

        async def record(step: Step, path: str) -> None:
            if step == "sending" and not self.is_clear:
                await main.journal.record("sending", main.transfer.temporary_path)
            await self.ledger.ask_soon(record_companion_step, self.preparation.attempt, place, step, path)

        journal, progress = Journal(record, place.remote_path), Progress(part.bytes)
        transfer = describe_part(self.preparation, main.transfer, part, place.remote_path, found)
        clear = self._clear_the_way(main)
        own = replace(main, transfer=transfer, journal=journal, progress=progress, clear_the_way=clear)
        try:
            outcome = await prove_test_file(self.preparation.delivery, own, await transfer_file(own))
        except BaseException:
            main.journal.path, main.journal.activity = journal.path, journal.activity
            raise
        finally:
            main.progress.add(progress)
        await record("delivered", place.remote_path)
        self.log.info("%s: %s", part.name, outcome.words)
        return outcome

    def _clear_the_way(self, main: Act) -> Any:
        """Return what removes the manifest before, and then the parts that are no longer, once an attempt.

        Only what was sent: what the client has laid there itself stays.
        """
        attempt, kept_parts = self.preparation.attempt, [part.name for part in self.parts]

        async def clear(_: Act) -> None:
            if self.is_clear:
                return
            await main.journal.record("sending", main.transfer.temporary_path)
            companions, parts = await self._doubt(kept_parts)
            kept = await main.remote.remove_all([*dict.fromkeys([*companions, main.transfer.remote_path])])
            kept += await main.remote.remove_all(parts)
            for path in kept:
                self.log.warning("%s: the server does not let us remove it, although a new file comes", path)
            await self.ledger.ask_soon(forget_companions, attempt, self._places.name_beside(kept_parts))
            self.is_clear = True

        return clear

    async def _doubt(self, but: Sequence[str]) -> tuple[list[str], list[str]]:
        """Believe in no manifest, nor in parts but these, any more; returns their paths on the server.

        What an attempt reached before a run was cleared counts for none that follows: a robot took it long ago.
        """
        asked = (self.preparation.attempt, self._places.name_beside(but))
        found: tuple[list[str], list[str]] = await self.ledger.ask_soon(doubt_companions, *asked)
        return found

    async def _read_reached(self, place: CompanionPlace) -> Reached | None:
        if self.preparation.attempt.sends_again:
            return None
        found = await self.ledger.ask_soon(read_companion, self.preparation.attempt, place)
        return Reached(found[0], found[1]) if found else None  # type: ignore[arg-type]
