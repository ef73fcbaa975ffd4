"""Which events does the demo's database hold? The same ones for the same seed and day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from demo.learners import TITLES, Learner, make_learners, make_uuid

SCHEMA = Path(__file__).resolve().parent.parent / "include" / "sql" / "demo_schema.sql"
SEED = 2019
DAYS = 7
OTHER_EVENTS = ["courseEnrollment", "courseStarted", "lessonCompletion"]
HOUR_WEIGHTS = [1, 1, 1, 1, 1, 2, 4, 9, 16, 20, 21, 18, 14, 17, 20, 19, 15, 11, 9, 8, 7, 5, 3, 2]
WEEKDAY_WEIGHTS = [1.2, 1.1, 1.0, 1.05, 0.8, 0.25, 0.2]
Row = tuple[str, str, datetime, str, str, UUID, str, str, str | None, str]


@dataclass(frozen=True)
class Client:
    """A company whose learners make events; `events_per_day` is the number on a usual working day."""

    name: str
    company_id: UUID
    timezone: str
    events_per_day: int

    def midnight(self, day: date) -> datetime:
        """Return the first instant of a local day, in UTC."""
        return datetime.combine(day, time(), ZoneInfo(self.timezone)).astimezone(UTC)


CLIENTS = [
    Client("Acme College", UUID("3aabdfb8-3891-5011-ad35-8e2351c5fdaf"), "America/New_York", 40_000),
    Client("Harbor Health", UUID("5f0c3c52-6d0e-5b7e-9a44-0c1d7a3b9e21"), "America/New_York", 15_000),
    Client("Lumen Academy", UUID("b7e1f8d4-2a93-5c06-8f15-64d0a9c27e3b"), "Europe/Berlin", 5_000),
    Client("Riverside Hospital", UUID("c2d94f1a-7b60-5e3c-9d18-2f6a8e0b5c47"), "America/New_York", 3_000),
    Client("Nobody's Destination", UUID("00f928f4-8718-5043-9164-32398b165c60"), "Asia/Kolkata", 4_000),
]


def load_events(uri: str, now: datetime, clients: list[Client] | None = None, days: int = DAYS) -> int:
    """Create the table if need be, add every client's events since its newest one, and count those added.

    Args:
        uri: of the source database.
        now: the instant that the newest event may not pass.
        clients: the companies; the demo's own by default.
        days: how many whole days before today to begin with.
    """
    with psycopg.connect(uri) as connection:
        connection.execute(SCHEMA.read_text())
        counts = [_load_client(connection, client, now, days) for client in clients or CLIENTS]
        connection.execute("analyze events")
    return sum(counts)


def make_events(client: Client, day: date) -> Iterator[Row]:
    """Yield the rows of one client's local day, ordered by timestamp."""
    random = Random(f"{SEED} {client.company_id} {day}")
    learners = _learners(client)
    for timestamp in _make_timestamps(client, day, random):
        yield _make_event(client, timestamp, random.choice(learners), random)


def _load_client(connection: psycopg.Connection, client: Client, now: datetime, days: int) -> int:
    newest = 'select max("timestamp") from events where company_id = %s'
    since: datetime | None = (connection.execute(newest, [client.company_id]).fetchone() or [None])[0]
    today = now.astimezone(ZoneInfo(client.timezone)).date()
    wanted = [today - timedelta(back) for back in range(days, -1, -1)]
    count = 0
    with connection.cursor().copy("copy events from stdin") as copy:
        for day in [day for day in wanted if not since or client.midnight(day + timedelta(1)) > since]:
            for row in make_events(client, day):
                if row[2] <= now and (not since or row[2] > since):
                    copy.write_row(row)
                    count += 1
    return count


def _learners(client: Client) -> list[Learner]:
    random = Random(f"{SEED} {client.company_id}")
    sub_client = UUID(int=random.getrandbits(128), version=4)
    return make_learners(random, max(10, client.events_per_day // 10), sub_client)


def _make_timestamps(client: Client, day: date, random: Random) -> list[datetime]:
    """Spread a day's events unevenly, with some at its first instant and at its last millisecond."""
    start, end = client.midnight(day), client.midnight(day + timedelta(1))
    count = int(client.events_per_day * WEEKDAY_WEIGHTS[day.weekday()] * random.uniform(0.7, 1.3))
    hours = random.choices(range(24), HOUR_WEIGHTS, k=count)
    inside = [start + timedelta(hours=hour, milliseconds=random.randrange(3_600_000)) for hour in hours]
    edges = [start, start, start + timedelta(milliseconds=1), end - timedelta(milliseconds=1)]
    return sorted([*edges, *(timestamp for timestamp in inside if timestamp < end)])


def _make_event(client: Client, timestamp: datetime, learner: Learner, random: Random) -> Row:
    completion = random.random() < 0.8
    return (
        make_uuid(random),
        "course_completed" if completion else "learning_activity",
        timestamp,
        "status_change",
        learner.email,
        client.company_id,
        "courseCompletion" if completion else random.choice(OTHER_EVENTS),
        make_uuid(random),
        random.choice(TITLES),
        learner.detail,
    )
