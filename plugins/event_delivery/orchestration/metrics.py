"""What is told of deliveries to Airflow's own statistics, StatsD or OpenTelemetry, and under which names?

Airflow puts its prefix before them (`airflow.`). The outcome is part of a name, since plain StatsD knows no tags;
destination and event type are tags. A statistics server that fails harms no delivery.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowRescheduleException
from airflow.sdk.observability import stats

from event_delivery.completeness.last_night import STATES, Backlog
from event_delivery.delivery import Delivery
from event_delivery.incidents.kinds import SEVERITIES
from event_delivery.ledger.instance import read_instance
from event_delivery.upload import DeliveredFile, HeldError, UnconfirmedError

_BASE = "event_delivery"
ATTEMPTS = {end: f"{_BASE}.attempts.{end}" for end in ("delivered", "failed", "held", "unconfirmed")}
BYTES, ROWS = f"{_BASE}.bytes", f"{_BASE}.rows"
UPLOAD_TIME, AFTER_DUE = f"{_BASE}.upload_time", f"{_BASE}.after_due"
LAST_NIGHT = {state: f"{_BASE}.last_night.{state}" for state in STATES}
INCIDENTS = {severity: f"{_BASE}.incidents.{severity}" for severity in SEVERITIES}
OLDEST, MISSING_DAYS = f"{_BASE}.oldest_undelivered_seconds", f"{_BASE}.missing_days"

COUNTERS = (*ATTEMPTS.values(), BYTES, ROWS)
TIMERS = (UPLOAD_TIME, AFTER_DUE)
GAUGES = (*LAST_NIGHT.values(), OLDEST, MISSING_DAYS, *INCIDENTS.values())

_log = logging.getLogger(__name__)


@contextmanager
def counting_failure(delivery: Delivery) -> Iterator[None]:
    """Count an attempt that fails within, by how it ends; one that waits for its host is none."""
    try:
        yield
    except AirflowRescheduleException:
        raise
    except BaseException as error:
        if _counts(delivery):
            _tell(stats.incr, ATTEMPTS[_name_end(error)], tags=_tag(delivery))
        raise


def count_delivered(delivery: Delivery, delivered: DeliveredFile, context: Mapping[str, Any]) -> None:
    """Count a file that has reached its client; how long after its due only of a night that the schedule made."""
    if not delivered.arrived:
        return
    tags = _tag(delivery)
    _tell(stats.incr, ATTEMPTS["delivered"], tags=tags)
    _tell(stats.incr, BYTES, delivered.bytes, tags=tags)
    _tell(stats.incr, ROWS, delivered.rows, tags=tags)
    _tell(stats.timing, UPLOAD_TIME, timedelta(seconds=delivered.seconds), tags=tags)
    if delivered.arrived == "nightly" and context["dag_run"].run_type == "scheduled":
        _tell(stats.timing, AFTER_DUE, datetime.now(UTC) - delivery.due, tags=tags)


def tell_backlog(backlog: Backlog, now: datetime) -> None:
    """Tell how the last night stands, and how old the oldest undelivered day is, in seconds; 0: there is none."""
    for state, name in LAST_NIGHT.items():
        _tell(stats.gauge, name, backlog.states[state])
    _tell(stats.gauge, OLDEST, (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0)
    _tell(stats.gauge, MISSING_DAYS, backlog.missing_days)


def tell_incidents(severities: Iterable[str]) -> None:
    """Tell how many incidents are open, by the severity of each."""
    counted = Counter(severities)
    for severity, name in INCIDENTS.items():
        _tell(stats.gauge, name, counted[severity])


def _counts(delivery: Delivery) -> bool:
    return delivery.kind != "test" and read_instance().rehearsal is None


def _name_end(error: BaseException) -> str:
    if isinstance(error, HeldError):
        return "held"
    return "unconfirmed" if isinstance(error, UnconfirmedError) else "failed"


def _tag(delivery: Delivery) -> dict[str, str]:
    return {"destination": delivery.destination.id, "event": delivery.event}


def _tell(how: Any, *values: Any, **named: Any) -> None:
    try:
        how(*values, **named)
    except Exception as error:
        _log.warning("Statistics could not be told of %s: %s", values[0], type(error).__name__)
