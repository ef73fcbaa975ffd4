"""What are a destination's DAGs called, and what may a run of it be told by whoever starts it?"""

from __future__ import annotations

NIGHTLY, TEST_FILE = "nightly_sftp_events__", "sftp_test_file__"
DAY_PARAM, EVENT_PARAM, SUPPLEMENT_PARAM = "day", "event", "supplement"
LEAVE_DELIVERED = "leave_delivered"  # in the conf of runs that bring what is missing: a delivered day stays
LEAVE_DELIVERED_SINCE = "leave_delivered_since"  # of runs that bring late events: what was compared came before


def nightly_dag_id(destination_id: str) -> str:
    """Return the id of a destination's nightly DAG."""
    return NIGHTLY + destination_id


def dag_id_of_test_file(destination_id: str) -> str:
    """Return the id of a destination's test-file DAG."""
    return TEST_FILE + destination_id
