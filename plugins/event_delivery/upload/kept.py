"""Does a kept file take the place of what is staged: one that the client has, or may have, already?

A ledger that was restored to an older state knows nothing of a file that was delivered since, and is kept: that
is looked for on the server, and never sent by itself. Of an unconfirmed delivery a person decides by the bytes
that were sent, whatever the source holds by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from event_delivery.delivery import SEND_AGAIN, Delivery, name_kind
from event_delivery.errors import RefusedError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.traces import Trace, read_traces_of
from event_delivery.staging import KeptFile, Manifest, find_kept_of_night
from event_delivery.upload.brought import Brought, bring_kept
from event_delivery.upload.unfinished import find_unfinished
from event_delivery.upload.upload_run import UploadRun


def choose_brought(ledger: BoundedLedger, delivery: Delivery, run: UploadRun, staged: Manifest) -> Brought:
    """Return what an attempt brings: what is staged, or the kept file that the client has or may have.

    Raises:
        RefusedError: a supplement of a night is kept that the ledger has forgotten, and the night itself is not.
        LedgerError: the ledger gave no answer.
        PermanentError, RetryableError: the staging area cannot be read.
    """
    made = Brought(staged, delivery.file_name, staged.format or delivery.destination.format)
    night = {} if delivery.kind == "test" else _find_kept(delivery, run.instance.rehearsal is not None)
    if not any(night.values()):
        return made

    def read(connection: Any) -> dict[str, Trace]:
        return read_traces_of(connection, delivery.destination.id, delivery.event, delivery.interval)

    traces = ledger.ask(read)
    trace, kept = traces.get(delivery.kind), night.get(delivery.supplement, [])
    if trace and (unfinished := find_unfinished(trace, kept, run, made)):
        return unfinished
    sends_anew = run.exact or (run.decision == SEND_AGAIN and not delivery.supplement)
    if sends_anew or (trace and (trace.delivered_at or trace.state == "unconfirmed")):
        return made
    if forgotten := next((each for each in kept if _is_forgotten(each, trace)), None):
        return bring_kept(forgotten, forgotten.delivered_at)
    if not delivery.supplement:
        _refuse_supplemented(delivery, night, traces)
    return made


def _find_kept(delivery: Delivery, rehearsal: bool) -> dict[int, list[KeptFile]]:
    """Return what went to clients, or in a rehearsal to our own server, of a night and its supplements."""
    night = find_kept_of_night(delivery)
    return {number: [each for each in kept if each.rehearsal == rehearsal] for number, kept in night.items()}


def _refuse_supplemented(
    delivery: Delivery, night: Mapping[int, Sequence[KeptFile]], traces: Mapping[str, Trace]
) -> None:
    """Refuse a night whose supplement proves that it was delivered, where what it held is not kept any more."""
    found = next(
        (
            each
            for number, kept in night.items()
            for each in kept
            if number and _is_forgotten(each, traces.get(name_kind(number)))
        ),
        None,
    )
    own = traces.get(delivery.kind)
    if found and not (own and own.is_sent_again_since(found.delivered_at)):
        raise RefusedError(
            f"{delivery.destination.id}: the ledger knows nothing of {found.file_name}, which was delivered at "
            f"{found.delivered_at:%Y-%m-%d %H:%M:%S %Z} and is kept, so its day was delivered before: was the "
            "ledger restored to an older state? Nothing was sent. If the client may have that day again, trigger "
            f"a run with 'unconfirmed': {SEND_AGAIN!r}."
        )


def _is_forgotten(kept: KeptFile, trace: Trace | None) -> bool:
    """Tell whether no attempt that the ledger knows of can have sent the file whole."""
    return trace is None or not trace.knows(kept.manifest.sha256, kept.delivered_at)
