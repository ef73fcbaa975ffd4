"""What are our DAGs, tasks, params and pool called? Made and read here, and nowhere else."""

from __future__ import annotations

from event_delivery.delivery import ROBOT, SEND_AGAIN

__all__ = ["ROBOT", "SEND_AGAIN"]
_NIGHTLY, _TEST_FILE = "nightly_sftp_events__", "sftp_test_file__"
EXTRACT, FORMAT, UPLOAD, QUARANTINED = "extract", "format", "upload", "quarantined"
DAY_PARAM, ACCEPT_HOST_KEY_PARAM, UNCONFIRMED_PARAM = "day", "accept_host_key", "unconfirmed"
UPLOAD_POOL, UPLOAD_SLOTS = "sftp_uploads", 32


def nightly_dag_id(destination_id: str) -> str:
    """Return the id of a destination's nightly DAG."""
    return _NIGHTLY + destination_id


def dag_id_of_test_file(destination_id: str) -> str:
    """Return the id of a destination's test-file DAG."""
    return _TEST_FILE + destination_id


def destination_of_dag(dag_id: str) -> str | None:
    """Return the id of the destination that a DAG belongs to, or None when it is not one of ours."""
    for prefix in (_NIGHTLY, _TEST_FILE):
        if dag_id.startswith(prefix):
            return dag_id.removeprefix(prefix)
    return None


def sends_test_file(dag_id: str) -> bool:
    """Tell whether a DAG sends a destination's test file."""
    return dag_id.startswith(_TEST_FILE)
