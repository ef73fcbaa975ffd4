"""What do Airflow and the ledger know in a test of the page, and what does the page make of it?"""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance

from event_delivery.destinations.destination import Destination
from event_delivery.page.answers.overview import read_overview
from event_delivery.schedule.local_day import LocalDay
from tests.sample_events import COMPANY

EVENT = "courseCompletion"
ZONE = "America/New_York"
DAY = date(2026, 3, 9)
DUE = LocalDay(DAY, ZONE).due(Destination(id="x", client="x", company_id=COMPANY).deliver_at)
NOW = DUE + timedelta(hours=5)
NIGHTLY, TEST_FILE = "nightly_sftp_events__", "sftp_test_file__"


def add_dag(airflow, destination="acme", paused=False, prefix=NIGHTLY):
    airflow.add(DagModel(dag_id=prefix + destination, bundle_name="dags", is_paused=paused, is_stale=False))
    airflow.commit()


def add_run(airflow, day=DAY, state="running", destination="acme", run_type="scheduled", prefix=NIGHTLY, **values):
    """Add a run; returns its id."""
    local = LocalDay(day, ZONE)
    run_id = f"{run_type}__{day}"
    row = {
        "dag_id": prefix + destination,
        "run_id": run_id,
        "run_type": run_type,
        "state": state,
        "logical_date": local.start,
        "data_interval_start": local.start,
        "data_interval_end": local.end,
        "run_after": local.end + timedelta(hours=2),
        "created_at": local.end + timedelta(hours=2, seconds=5),
        "conf": {},
    } | values
    airflow.execute(DagRun.__table__.insert().values({DagRun.__table__.c[name]: row[name] for name in row}))
    airflow.commit()
    return run_id


def add_pausing(airflow, at, destination="acme", event="patch_dag"):
    """Add an entry of Airflow's audit log: somebody paused or unpaused a DAG."""
    row = {"dttm": at, "dag_id": destination and NIGHTLY + destination, "event": event}
    airflow.execute(Log.__table__.insert().values(row))
    airflow.commit()


def add_try(airflow, run_id, task="upload", state="running", number=1, max_tries=10, destination="acme", **values):
    row = {
        "id": uuid.uuid4(),
        "dag_id": NIGHTLY + destination,
        "run_id": run_id,
        "task_id": task,
        "state": state,
        "try_number": number,
        "max_tries": max_tries,
        "map_index": -1,
        "pool": "default_pool",
        "pool_slots": 1,
        "context_carrier": {},
    } | values
    airflow.execute(TaskInstance.__table__.insert().values(row))
    airflow.commit()


def key_of(day, destination, zone, event, kind):
    """Return what names a delivery of a day in the ledger."""
    local = LocalDay(day, zone)
    key = {"destination": destination, "event": event, "kind": kind}
    return key | {"interval_start": local.start, "interval_end": local.end}


def add_record(ledger, day=DAY, destination="acme", zone=ZONE, event=EVENT, kind="nightly", **values):
    row = (
        key_of(day, destination, zone, event, kind)
        | {
            "file_name": f"{destination}-{day}.json",
            "remote_path": f"/in/{destination}-{day}.json",
            "rows": 3,
            "bytes": 2_000_000,
            "sha256": "ab" * 32,
            "state": "delivered",
            "attempts": 1,
            "first_attempt_at": DUE,
            "delivered_at": DUE + timedelta(minutes=1),
            "seconds": 2.0,
            "profile": json.dumps({"rows_by_hour": {"9": 3}, "top_titles": {"Safety": 3}}),
            "run_id": f"scheduled__{day}",
        }
        | values
    )
    no_file = row["state"] in ("cancelled", "held")  # a delivery is, its file is not
    insert(ledger, "delivery", row | ({"state": "failed"} if no_file else {}))
    if no_file:
        statement = "update event_delivery.delivery_record set state = %s where (destination, event) = (%s, %s)"
        ledger.execute(statement, [row["state"], destination, event])


def add_attempt(ledger, number, day=DAY, zone=ZONE, destination="acme", event=EVENT, kind="nightly", **values):
    row = (
        key_of(day, destination, zone, event, kind)
        | {
            "attempt": number,
            "run_id": f"scheduled__{day}",
            "started_at": DUE,
            "ended_at": DUE + timedelta(minutes=1),
        }
        | values
    )
    insert(ledger, "attempt", row)


def insert(ledger, table, row):
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    ledger.execute(f"insert into event_delivery.{table} ({names}) values ({marks})", list(row.values()))


def look(airflow, *destinations, now=NOW, first=DAY, last=DAY):
    return read_overview(airflow, destinations, first, last, now)


def cell(airflow, destination, now=NOW, day=DAY):
    [row] = look(airflow, destination, now=now, first=day, last=day)["destinations"]
    assert len(row["cells"]) <= 1
    return row["cells"][0] if row["cells"] else None


def add_supplement(ledger, number, delivered_at, day=DAY, **values):
    """Add a further file of a night, as the ledger has it once the client has it."""
    name = f"acme-supplement-{number}-{day}.json"
    record = {"kind": f"supplement-{number}", "file_name": name, "rows": 2, "delivered_at": delivered_at}
    add_record(ledger, day, **record | values)
    statement = """
        update event_delivery.delivery_file set delivered_at = %s, delivered_rows = rows, delivered_sha256 = sha256
        where file_name = %s
    """
    ledger.execute(statement, [delivered_at, name])


def add_comparison(ledger, late=0, deleted=0, day=DAY, **values):
    """Add what was found when a night was compared with the source."""
    named = key_of(day, "acme", ZONE, EVENT, "nightly")
    del named["kind"]
    found = {
        "compared_at": DUE + timedelta(hours=2),
        "found_at": DUE + timedelta(hours=1) if late != 0 or deleted != 0 else None,
        "rows": 3,
        "id_digest": "0" * 16,
        "late": late,
        "deleted": deleted,
        "differs": late != 0 or deleted != 0,
        "handling": "reported" if late != 0 or deleted != 0 else "nothing",
        "delivered_until": DUE + timedelta(minutes=1),
    }
    insert(ledger, "comparison", named | found | values)
