"""Which run uploads, in which Airflow, and what has a person said to it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from event_delivery.ledger.instance import Instance, read_instance


@dataclass(frozen=True)
class UploadRun:
    """The run that uploads.

    Args:
        dag_id: the DAG, for the ledger.
        run_id: the DAG run, for the ledger.
        retrying: whether this run has tried before: then it carries on where that attempt was cut off.
        test_file_dag: the DAG whose run can meet an unknown host key, for the message that says so.
        decision: what a person says of a delivery that nobody could confirm, `ROBOT` or `SEND_AGAIN`.
        try_number: Airflow's number of this try, which no clear starts anew.
        first_try: that of the first try since the last clear.
        leaves_delivered: whether a day that is delivered stays as it is, as in a backfill of what is missing.
        leaves_since: whether a delivery that came since this moment stays as it is: the run was to bring that.
        uncleared_night: whether it is of the schedule and nobody has cleared it: a night that was delivered since
            it was due stays as it is, as after a restore of Airflow's metadata.
        allow_overlap: the client may get events again that were delivered under another time zone.
        release: sha256 of the file that a person lets go out although its number of events is out of line.
        waits_for_host: whether it is put off while as many are connected to the server's host as may be.
        exact: the kept file goes out, and no other.
        instance: the Airflow that it is a run of.
    """

    dag_id: str
    run_id: str
    retrying: bool = False
    test_file_dag: str = ""
    decision: str | None = None
    try_number: int = 1
    first_try: int = 1
    leaves_delivered: bool = False
    leaves_since: datetime | None = None
    uncleared_night: bool = False
    allow_overlap: bool = False
    release: str | None = None
    exact: bool = False
    waits_for_host: bool = True
    instance: Instance = field(default_factory=read_instance)

    @property
    def is_automatic(self) -> bool:
        """Whether no person asked for it: the schedule did, or what looks for days and events that lack."""
        return self.leaves_delivered or self.leaves_since is not None or self.uncleared_night
