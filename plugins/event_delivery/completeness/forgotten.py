"""Which files of a night has a client got, as their kept copies prove, that the ledger knows nothing of?

A ledger that was restored to an older state does not; what is told from it of what a client lacks is wrong then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from event_delivery.delivery import Delivery, name_kind
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.instance import is_rehearsal
from event_delivery.ledger.traces import Trace, read_traces_of
from event_delivery.limits import CLOCKS_DIFFER
from event_delivery.staging import KeptFile, find_kept_of_night


@dataclass(frozen=True)
class ForgottenFile:
    """A kept file that the ledger does not know as delivered.

    `number`: of its supplement, 0: the whole day. `state`: what the ledger says of that delivery, None: nothing.
    `came_before`: an earlier version of it is known as delivered. `moved`: its day is another interval by now.
    """

    number: int
    kept: KeptFile
    state: str | None = None
    came_before: bool = False
    moved: bool = False

    def __str__(self) -> str:
        """Say what the ledger has forgotten, and when the client got it."""
        at = f"{self.kept.delivered_at:%Y-%m-%d %H:%M:%S %Z}"
        return f"the ledger knows nothing of {self.kept.file_name}, which was delivered at {at} and is kept"


def find_forgotten(delivery: Delivery) -> list[ForgottenFile]:
    """Return the forgotten files of a night and of its supplements that still count, by their numbers.

    Raises:
        PermanentError, RetryableError: ledger or staging area cannot be read.
    """
    return choose_forgotten(*_read_night(delivery), is_rehearsal())


def is_brought_as_kept(delivery: Delivery, beside: str) -> bool:
    """Tell whether a supplement's kept file goes out, or counts, whatever is late now: forgotten, or not over.

    Args:
        delivery: the supplement.
        beside: the sha256 of the files that count besides it, as its manifest has them.
    """
    rehearsal = is_rehearsal()
    kept, traces = _read_night(delivery)
    if any(each.number == delivery.supplement for each in choose_forgotten(kept, traces, rehearsal)):
        return True
    trace = traces.get(delivery.kind)
    if trace is None or trace.state == "delivered":
        return False
    return any(
        (each.manifest.sha256, each.manifest.beside, each.rehearsal) == (trace.sha256, beside, rehearsal)
        for each in kept.get(delivery.supplement, ())
    )


def _read_night(delivery: Delivery) -> tuple[dict[int, list[KeptFile]], dict[str, Trace]]:
    """Return what is kept of a night and its supplements, and, if anything is, what the ledger knows of them."""
    kept = find_kept_of_night(delivery)
    if not any(kept.values()):
        return kept, {}
    with open_ledger_reading() as ledger:
        return kept, read_traces_of(ledger.connection, delivery.destination.id, delivery.event, delivery.interval)


def describe_cure(forgotten: ForgottenFile) -> str:
    """Return what a person does about a file that the ledger has forgotten."""
    if forgotten.state == "unconfirmed":
        return "decide on the Deliveries page"
    if forgotten.moved:
        return (
            "clear the run of that interval itself, and trigger none: by today's time zone the day is another one"
        )
    if forgotten.number and not forgotten.came_before:
        return f"trigger supplement {forgotten.number}, which sends nothing by itself"
    if forgotten.came_before:
        return "clear the run of that day, which sends the whole day again, if the client may have it"
    return "trigger or clear a run of that day, which sends nothing by itself"


def choose_forgotten(
    kept: Mapping[int, Sequence[KeptFile]], traces: Mapping[str, Trace], rehearsal: bool
) -> list[ForgottenFile]:
    """Return the last forgotten file of each number; none that a whole day has replaced since; pure.

    `rehearsal`: whether the ledger is one's, which knows nothing of what clients have.
    """
    found = []
    night = traces.get("nightly")
    replaced = night.delivered_at if night else None
    for number, files in sorted(kept.items()):
        trace = traces.get(name_kind(number))
        last = next((each for each in files if each.rehearsal == rehearsal), None)
        if last is None or (trace and trace.knows(last.manifest.sha256, last.delivered_at)):
            continue
        if not (number and replaced and last.delivered_at <= replaced - CLOCKS_DIFFER):
            known = (trace.state, trace.delivered_at is not None) if trace else (None, False)
            found.append(ForgottenFile(number, last, *known))
    return found
