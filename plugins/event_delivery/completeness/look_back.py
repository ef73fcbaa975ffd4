"""Which events of the last days came late, and which runs bring them?

The source is compared as a set with what was delivered, whatever the order in which it commits: a transaction that
was open over midnight, a replica that lagged behind and a day that was loaded later are all found, and alike.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from event_delivery.completeness.comparison import Comparison, KeptIds, compare_interval
from event_delivery.completeness.delivered import DeliveredNight, list_nights
from event_delivery.completeness.due import choose_due, look_since
from event_delivery.completeness.forgotten import describe_cure, find_forgotten
from event_delivery.completeness.handling import Handling, Remedy, handle_difference
from event_delivery.completeness.kept_ids import read_kept_ids
from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.ledger import BoundedLedger, open_ledger_reading
from event_delivery.ledger.claims import record_if_ours
from event_delivery.ledger.comparisons import Finding, ReceivedFile, record_comparison
from event_delivery.ledger.traces import read_traces
from event_delivery.limits import LIMITS
from event_delivery.schedule import LONGEST_INTERVAL, date_of

_log = logging.getLogger(__name__)


def look_back(
    destination: Destination,
    now: datetime,
    kept_ids: KeptIds = read_kept_ids,
    is_paused: Callable[[], bool] = lambda: False,
) -> list[Remedy]:
    """Compare the delivered nights of the last `late_window_days` with the source; returns the runs to start.

    Which of them are compared, and when, says `due`, which may ask whether the destination's DAG is paused; what
    is found stands in the ledger.

    Raises:
        PermanentError, RetryableError: source or ledger cannot be read, or the ledger not be written.
    """
    due, latest = _find_due(destination, now, is_paused)
    if not due:
        return []
    findings: list[tuple[Comparison, Handling]] = []
    with open_snapshot() as cursor:
        for night in due:
            delivery = nightly_delivery(destination, night.event, night.interval)
            comparison = compare_interval(cursor, delivery, night, kept_ids)
            findings.append((comparison, _handle(destination, comparison)))
    with BoundedLedger(LIMITS.ledger, LIMITS.ledger_upgrade) as ledger:
        for comparison, handling in findings:
            found = _describe(comparison, handling, now, latest[comparison.night.event])
            ledger.ask(record_if_ours, record_comparison, found)
            _tell(destination, comparison, handling)
    return [handling.remedy for _, handling in findings if handling.remedy]


def _handle(destination: Destination, comparison: Comparison) -> Handling:
    """Return what is done about a difference; nothing where the client has what the ledger does not know.

    Nor a supplement beside one of which a person has to decide.
    """
    handling, night = handle_difference(destination, comparison), comparison.night
    if not handling.remedy:
        return handling
    if forgotten := find_forgotten(nightly_delivery(destination, night.event, night.interval)):
        return Handling(f"reported: {forgotten[0]}: {describe_cure(forgotten[0])}")
    if not handling.remedy.supplement:
        return handling
    with open_ledger_reading() as ledger:
        made = ledger.read_supplements(destination.id, night.event, night.interval)
    waiting = next((each for each in made if each.state in ("unconfirmed", "uploading")), None)
    if waiting is None:
        return handling
    return Handling(f"reported: supplement {waiting.number} is {waiting.state}, which is to be over first")


def _find_due(
    destination: Destination, now: datetime, is_paused: Callable[[], bool]
) -> tuple[list[DeliveredNight], dict[str, datetime]]:
    """Return the nights to compare, and when each event type was delivered last."""
    since = look_since(destination, now)
    with open_ledger_reading() as ledger:
        files = ledger.read_received(destination.id, since - LONGEST_INTERVAL, now)
        records = ledger.read_comparisons([destination.id], since - LONGEST_INTERVAL, now)
        traces = read_traces(ledger.connection, destination.id, since - LONGEST_INTERVAL, now)
    compared = {(record.event, record.interval): record for record in records}
    latest = {event: _find_latest(files, event) for event in destination.events}
    begun = {(each.event, each.interval, each.kind): each.last_at for each in traces if each.last_at}
    return choose_due(destination, list_nights(files), compared, latest, begun, now, is_paused), latest


def _find_latest(files: Sequence[ReceivedFile], event: str) -> datetime:
    return max(
        (file.delivered_at for file in files if file.event == event), default=datetime.min.replace(tzinfo=UTC)
    )


def _describe(comparison: Comparison, handling: Handling, now: datetime, delivered_until: datetime) -> Finding:
    night, source = comparison.night, comparison.source
    return Finding(
        destination=night.night.destination,
        event=night.event,
        interval=night.interval,
        rows=source.rows,
        id_digest=source.digest,
        late=comparison.late,
        deleted=comparison.deleted,
        differs=comparison.differs,
        handling=handling.said,
        compared_at=now,
        delivered_until=delivered_until,
    )


def _tell(destination: Destination, comparison: Comparison, handling: Handling) -> None:
    night = comparison.night
    day = date_of(night.interval, destination.timezone)
    said = describe_comparison(comparison)
    level = logging.WARNING if comparison.differs else logging.INFO
    _log.log(level, "%s, %s, %s: %s; done: %s", destination.id, night.event, day, said, handling.said)


def describe_comparison(comparison: Comparison) -> str:
    """Return what a comparison found, in words."""
    night, source = comparison.night, comparison.source
    if not comparison.differs:
        caveat = f" ({comparison.unknown})" if comparison.unknown else ""
        return f"complete, {source.rows:,} events{caveat}"
    if comparison.late is None:
        return (
            f"the source holds {source.rows:,} events, the client {night.rows:,}; which ones differ is not known: "
            f"{comparison.unknown}"
        )
    counts = {"late": comparison.late, "deleted at the source": comparison.deleted, "twice": comparison.duplicated}
    found = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    return f"{found}; the source holds {source.rows:,} events"
