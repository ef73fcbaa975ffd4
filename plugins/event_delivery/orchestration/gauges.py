"""What are Airflow's statistics told, now and then, of how deliveries stand, and under which names?

Apart from what an upload tells, so that neither a task nor the reading of DAGs imports what only this needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from airflow.sdk.observability import stats

from event_delivery.completeness.last_night import STATES, Backlog
from event_delivery.incidents.kinds import SEVERITIES
from event_delivery.orchestration.metrics import BASE, tell

LAST_NIGHT = {state: f"{BASE}.last_night.{state}" for state in STATES}
INCIDENTS = {severity: f"{BASE}.incidents.{severity}" for severity in SEVERITIES}
OLDEST, MISSING_DAYS = f"{BASE}.oldest_undelivered_seconds", f"{BASE}.missing_days"

GAUGES = (*LAST_NIGHT.values(), OLDEST, MISSING_DAYS, *INCIDENTS.values())


def tell_backlog(backlog: Backlog, now: datetime) -> None:
    """Tell how the last night stands, and how old the oldest undelivered day is, in seconds; 0: there is none."""
    for state, name in LAST_NIGHT.items():
        tell(stats.gauge, name, backlog.states[state])
    tell(stats.gauge, OLDEST, (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0)
    tell(stats.gauge, MISSING_DAYS, backlog.missing_days)


def tell_incidents(severities: Iterable[str]) -> None:
    """Tell how many incidents are open, by the severity of each."""
    counted = Counter(severities)
    for severity, name in INCIDENTS.items():
        tell(stats.gauge, name, counted[severity])
