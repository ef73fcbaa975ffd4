"""Which days before yesterday does the demo deliver, so that the Deliveries page has something to show?"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from demo.deliveries import Delivery
from demo.events import DAYS
from demo.logins import Login
from local_servers.airflow_client import AirflowClient, ApiError

BEING_DONE = 409


def start_backfills(client: AirflowClient, logins: Iterable[Login], now: datetime) -> int:
    """Start a backfill of each destination whose earlier days were not all delivered, and count them."""
    return sum(_start_backfill(client, login, _find_missed_days(client, login, now)) for login in logins)


def _find_missed_days(client: AirflowClient, login: Login, now: datetime) -> list[date]:
    days = [login.local_day(now) - timedelta(back) for back in range(1, DAYS)]
    deliveries = [Delivery(login, day) for day in days]
    for delivery in deliveries:
        delivery.find_run(client)
    return [delivery.day for delivery in deliveries if delivery.day and not delivery.run]


def _start_backfill(client: AirflowClient, login: Login, days: list[date]) -> bool:
    if not days:
        return False
    body = {
        "dag_id": f"nightly_sftp_events__{login.destination}",
        "from_date": _midnight(min(days)),
        "to_date": _midnight(max(days)),
        "reprocess_behavior": "none",
        "max_active_runs": 2,
        "run_backwards": True,
        "dag_run_conf": {},
    }
    try:
        client.post("/backfills", body)
    except ApiError as error:
        if error.status == BEING_DONE:
            return False
        raise
    return True


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()
