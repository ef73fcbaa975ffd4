"""What is a destination's nightly DAG called, and what may a run of it be told by whoever starts it?"""

from __future__ import annotations

NIGHTLY = "nightly_sftp_events__"
DAY_PARAM, EVENT_PARAM, SUPPLEMENT_PARAM = "day", "event", "supplement"
LEAVE_DELIVERED = "leave_delivered"  # in the conf of runs that bring what is missing: a delivered day stays
LEAVE_DELIVERED_SINCE = "leave_delivered_since"  # of runs that bring late events: what was compared came before


def nightly_dag_id(destination_id: str) -> str:
    """Return the id of a destination's nightly DAG."""
    return NIGHTLY + destination_id
