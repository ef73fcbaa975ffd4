"""What is told of deliveries to Airflow's own statistics, StatsD or OpenTelemetry, and under which names?

Airflow puts its prefix before them (`airflow.`). The outcome is part of a name, since plain StatsD knows no tags;
destination and event type are tags. A statistics server that fails harms no delivery.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowRescheduleException
from airflow.sdk.observability import stats

from event_delivery.delivery import Delivery
from event_delivery.ledger.instance import read_instance
from event_delivery.upload import DeliveredFile, HeldError, UnconfirmedError

BASE = "event_delivery"
ATTEMPTS = {end: f"{BASE}.attempts.{end}" for end in ("delivered", "failed", "held", "unconfirmed")}
BYTES, ROWS = f"{BASE}.bytes", f"{BASE}.rows"
UPLOAD_TIME, AFTER_DUE = f"{BASE}.upload_time", f"{BASE}.after_due"

COUNTERS = (*ATTEMPTS.values(), BYTES, ROWS)
TIMERS = (UPLOAD_TIME, AFTER_DUE)

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
            tell(stats.incr, ATTEMPTS[_name_end(error)], tags=_tag(delivery))
        raise


def count_delivered(delivery: Delivery, delivered: DeliveredFile, context: Mapping[str, Any]) -> None:
    """Count a file that has reached its client; how long after its due only of a night that the schedule made."""
    if not delivered.arrived:
        return
    tags = _tag(delivery)
    tell(stats.incr, ATTEMPTS["delivered"], tags=tags)
    tell(stats.incr, BYTES, delivered.bytes, tags=tags)
    tell(stats.incr, ROWS, delivered.rows, tags=tags)
    tell(stats.timing, UPLOAD_TIME, timedelta(seconds=delivered.seconds), tags=tags)
    if delivered.arrived == "nightly" and context["dag_run"].run_type == "scheduled":
        tell(stats.timing, AFTER_DUE, datetime.now(UTC) - delivery.due, tags=tags)


def _counts(delivery: Delivery) -> bool:
    return delivery.kind != "test" and read_instance().rehearsal is None


def _name_end(error: BaseException) -> str:
    if isinstance(error, HeldError):
        return "held"
    return "unconfirmed" if isinstance(error, UnconfirmedError) else "failed"


def _tag(delivery: Delivery) -> dict[str, str]:
    return {"destination": delivery.destination.id, "event": delivery.event}


def tell(how: Any, *values: Any, **named: Any) -> None:
    """Tell statistics something; a server that fails is remarked in the log, and harms nothing."""
    try:
        how(*values, **named)
    except Exception as error:
        _log.warning("Statistics could not be told of %s: %s", values[0], type(error).__name__)
