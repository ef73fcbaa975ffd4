"""Which nights were scheduled, so that a client could wait for them in time?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from event_delivery.ledger.records import NightRecord
from event_delivery.limits import MISSING_AFTER
from event_delivery.page.sources.run import CarriedInterval
from event_delivery.schedule import Interval


def find_promised(carried: Iterable[CarriedInterval], pausings: Sequence[datetime]) -> set[Interval]:
    """Return the intervals whose run the schedule made in time, or should have.

    `carried` is in order. A scheduled run that was made late still was promised if the schedule went on before it
    was due, and nobody unpaused the DAG since: then Airflow was away. Else it catches up with days from before.
    """
    promised: set[Interval] = set()
    previous: CarriedInterval | None = None
    for run in carried:
        if not run.is_scheduled:
            continue
        went_on = previous is not None and (previous.made <= run.due or previous.interval in promised)
        if run.made <= run.due + MISSING_AFTER or (went_on and not _any_within(pausings, run.due, run.made)):
            promised.add(run.interval)
        previous = run
    return promised


def was_promised_by_ledger(record: NightRecord, due: datetime) -> bool:
    """Tell the same of a night whose run Airflow has forgotten: a scheduled run began to upload it in time."""
    scheduled = record.first_run_id is not None and record.first_run_id.startswith("scheduled__")
    return scheduled and record.first_attempt_at is not None and record.first_attempt_at <= due + MISSING_AFTER


def _any_within(instants: Sequence[datetime], after: datetime, until: datetime) -> bool:
    return any(after < instant <= until for instant in instants)
