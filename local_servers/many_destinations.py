"""Which destinations and events has a night of many, all due at once and on one server?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg

from local_servers.airflow_settings import PROJECT
from local_servers.sftp_server import SftpServer, SftpUser

LOGIN = SftpUser("many", "password-of-many")
CONNECTION = "sftp_many"
PATTERN = "nightly_sftp_events__client%"
_EVENTS = """
insert into events
select gen_random_uuid(), 'course_completed', %(day)s + number * interval '1 minute', 'status_change',
    number || '@school.com', company, 'courseCompletion', gen_random_uuid(), 'Course ' || number %% 20, '{}'
from generate_series(1, %(events)s) number, unnest(%(companies)s::uuid[]) company
"""


def name_destination(number: int) -> str:
    """Return the id of a destination, which is its folder's name on the server too."""
    return f"client_{number:05}"


def company_of(number: int) -> str:
    """Return the id of its client's company."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name_destination(number)))


def write_destinations(
    folder: Path,
    source: str,
    server: SftpServer,
    number: int,
    events: int,
    formats: Sequence[str] = ("csv", "json"),
) -> dict[str, str]:
    """Write that many destinations, and yesterday's events of each; returns the environment that makes them known.

    Args:
        folder: of the destination files; it is made.
        source: URI of an empty database.
        server: which has LOGIN.
        number: of destinations, all in UTC.
        events: of each.
        formats: of the files, in turn.
    """
    folder.mkdir()
    (folder / "_defaults.yaml").write_text("connections_per_host: 100\ntimezone: UTC\n")  # all have one host
    for each in range(number):
        name = name_destination(each)
        text = f"client: {name}\ncompany_id: {company_of(each)}\nformat: {formats[each % len(formats)]}\n"
        place = f"connection: {CONNECTION}\nshared_connection: true\npath: /{name}\ncreate_folder: true\n"
        (folder / f"{name}.yaml").write_text(text + place)
    noon = (datetime.now(UTC) - timedelta(hours=2)).replace(hour=12, minute=0) - timedelta(days=1)
    companies = [company_of(each) for each in range(number)]
    with psycopg.connect(source) as connection:
        connection.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        connection.execute(_EVENTS, {"day": noon, "events": events, "companies": companies})
    login = f"sftp://{LOGIN.name}:{LOGIN.password}@127.0.0.1:{server.port}"
    return {
        "AIRFLOW_CONN_EVENTS_DB": source,
        f"AIRFLOW_CONN_{CONNECTION.upper()}": f"{login}?host_key={quote(server.host_key(), safe='')}",
        "EVENT_DELIVERY_DESTINATIONS": str(folder),
        "EVENT_DELIVERY_INSTANCE": "many",
    }
