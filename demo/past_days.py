"""Which days before yesterday does the demo deliver, so that the Deliveries page has something to show?"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from demo.airflow_client import AirflowClient, ApiError
from demo.events import DAYS
from demo.logins import Login

NOTHING_TO_DO = (409, 422)


def start_backfills(client: AirflowClient, logins: Iterable[Login], now: datetime) -> int:
    """Start a backfill of each destination's days that have events, and count those that were needed."""
    return sum(_start_backfill(client, login, login.local_day(now)) for login in logins)


def _start_backfill(client: AirflowClient, login: Login, yesterday: date) -> bool:
    body = {
        "dag_id": f"nightly_sftp_events__{login.destination}",
        "from_date": _midnight(yesterday - timedelta(DAYS - 1)),
        "to_date": _midnight(yesterday - timedelta(1)),
        "reprocess_behavior": "none",
        "max_active_runs": 2,
        "run_backwards": True,
        "dag_run_conf": {},
    }
    try:
        client.post("/backfills", body)
    except ApiError as error:
        if error.status in NOTHING_TO_DO:
            return False
        raise
    return True


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()
