"""Which destinations and which events has the cluster's night?"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg

from local_servers.airflow_settings import PROJECT
from local_servers.sftp_server import SftpServer

USER, PASSWORD = "cluster", "cluster-password"
EVENTS = 100
_EVENTS = """
insert into events
select gen_random_uuid(), 'course_completed', %(day)s + number * interval '1 minute', 'status_change',
    number || '@school.com', company, 'courseCompletion', gen_random_uuid(), 'Course ' || number %% 20, '{}'
from generate_series(1, %(events)s) number, unnest(%(companies)s::uuid[]) company
"""


def name_destination(number: int) -> str:
    """Return the id of a destination, which is its folder's name too."""
    return f"client_{number:03}"


def company_of(number: int) -> str:
    """Return the id of its client's company."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name_destination(number)))


def write_destinations(folder: Path, source: str, destinations: int, server: SftpServer) -> dict[str, str]:
    """Write the destinations and yesterday's events of each; returns the environment that makes them known."""
    folder.mkdir()
    for number in range(destinations):
        name = name_destination(number)
        text = f"client: {name}\ncompany_id: {company_of(number)}\nformat: json\ntimezone: UTC\n"
        place = f"connection: sftp_cluster\nshared_connection: true\npath: /{name}\ncreate_folder: true\n"
        (folder / f"{name}.yaml").write_text(text + place)
    noon = datetime.now(UTC).replace(hour=12, minute=0) - timedelta(hours=2, days=1)
    companies = [company_of(number) for number in range(destinations)]
    with psycopg.connect(source) as connection:
        connection.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        connection.execute(_EVENTS, {"day": noon, "events": EVENTS, "companies": companies})
    key = quote(server.host_key(), safe="")
    return {
        "AIRFLOW_CONN_EVENTS_DB": source,
        "AIRFLOW_CONN_SFTP_CLUSTER": f"sftp://{USER}:{PASSWORD}@127.0.0.1:{server.port}?host_key={key}",
        "EVENT_DELIVERY_DESTINATIONS": str(folder),
        "EVENT_DELIVERY_INSTANCE": "cluster",
    }
