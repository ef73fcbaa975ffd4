"""How do Airflow's statistics learn what is not delivered?"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import task

from event_delivery.destinations import Destination, load_destinations
from event_delivery.orchestration.names import TELL_STATISTICS


def add_statistics_task() -> None:
    """Add a task that tells them to the DAG around; it stands alone."""

    @task(task_id=TELL_STATISTICS)
    def tell() -> None:
        tell_statistics(datetime.now(UTC))

    tell()


def tell_statistics(now: datetime) -> None:
    """Tell how the last night stands; of a quarantined destination nothing is known.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    from event_delivery.completeness.last_night import read_backlog
    from event_delivery.orchestration.gauges import tell_backlog

    known = [each for each in load_destinations() if isinstance(each, Destination)]
    tell_backlog(read_backlog(known, now), now)
