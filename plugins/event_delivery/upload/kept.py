"""Does a kept file take the place of what is staged: one that the client has, or may have, already?

A ledger that was restored to an older state knows nothing of a file that was delivered since, and is kept: that
is looked for on the server, and never sent by itself. Of an unconfirmed delivery a person decides by the bytes
that were sent, whatever the source holds by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from event_delivery.delivery import SEND_AGAIN, Delivery, supplement_of
from event_delivery.errors import RefusedError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.traces import Trace, read_traces_of
from event_delivery.staging import KeptFile, Manifest, find_kept_of_night
from event_delivery.upload.protocol import DECIDE
from event_delivery.upload.upload_run import UploadRun


@dataclass(frozen=True)
class Brought:
    """The file that an attempt brings, by the name and in the format that it was made with.

    `since`: when it was delivered, of which the ledger knows nothing; None: it is of this run, or undecided.
    """

    file: Manifest
    file_name: str
    format: str
    since: datetime | None = None
    is_kept: bool = False

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


def choose_brought(ledger: BoundedLedger, delivery: Delivery, run: UploadRun, staged: Manifest) -> Brought:
    """Return what an attempt brings: what is staged, or the kept file that the client has or may have.

    Raises:
        RefusedError: a supplement of a night is kept that the ledger has forgotten, and the night itself is not.
        LedgerError: the ledger gave no answer.
        PermanentError, RetryableError: the staging area cannot be read.
    """
    made = Brought(staged, delivery.file_name, delivery.destination.format)
    night = {} if delivery.kind == "test" or run.exact else find_kept_of_night(delivery)
    if not any(night.values()):
        return made

    def read(connection: Any) -> dict[str, Trace]:
        return read_traces_of(connection, delivery.destination.id, delivery.event, delivery.interval)

    traces = ledger.ask(read)
    trace, kept = traces.get(delivery.kind), night.get(delivery.supplement, [])
    sends_anew = run.decision == SEND_AGAIN and not delivery.supplement
    if trace and trace.state == "unconfirmed":
        undecided = next((each for each in kept if each.manifest.sha256 == trace.sha256), None)
        return made if sends_anew or undecided is None else _bring_undecided(made, undecided, run, trace)
    if sends_anew or (trace and trace.delivered_at):
        return made
    if forgotten := next((each for each in kept if _is_forgotten(each, trace)), None):
        return _bring(forgotten, forgotten.delivered_at)
    if not delivery.supplement:
        _refuse_supplemented(delivery, night, traces)
    return made


def _refuse_supplemented(
    delivery: Delivery, night: Mapping[int, Sequence[KeptFile]], traces: Mapping[str, Trace]
) -> None:
    """Refuse a night whose supplement proves that it was delivered, where what it held is not kept any more."""
    found = next(
        (
            each
            for number, kept in night.items()
            for each in kept
            if number and _is_forgotten(each, traces.get(supplement_of(delivery, number).kind))
        ),
        None,
    )
    if found:
        raise RefusedError(
            f"{delivery.destination.id}: the ledger knows nothing of {found.file_name}, which was delivered at "
            f"{found.delivered_at:%Y-%m-%d %H:%M:%S %Z} and is kept, so its day was delivered before: was the "
            "ledger restored to an older state? Nothing was sent. If the client may have that day again, trigger "
            f"a run with 'unconfirmed': {SEND_AGAIN!r}."
        )


def _bring_undecided(made: Brought, kept: KeptFile, run: UploadRun, trace: Trace) -> Brought:
    """A supplement that is sent again holds what it held; not where its day came again since, which holds that."""
    if run.decision == SEND_AGAIN and kept.manifest.beside != made.file.beside:
        return made
    is_known = trace.knows(kept.manifest.sha256, kept.delivered_at)
    return _bring(kept, None if is_known else kept.delivered_at)


def _is_forgotten(kept: KeptFile, trace: Trace | None) -> bool:
    """Tell whether no attempt that the ledger knows of can have sent the file whole."""
    return not kept.rehearsal and (trace is None or not trace.knows(kept.manifest.sha256, kept.delivered_at))


def _bring(kept: KeptFile, since: datetime | None) -> Brought:
    return Brought(kept.manifest, kept.file_name, kept.format, since, is_kept=True)
