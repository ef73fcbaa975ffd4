"""What does an incident of each kind look like? For the preview, and for whoever writes rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from event_delivery.destinations import Destination
from event_delivery.incidents.kinds import GRAVE_STAGES, KINDS
from event_delivery.incidents.message import Alert, write_client, write_operator
from event_delivery.ledger.incidents import Hit, IncidentRecord

_OPENED = datetime(2026, 3, 2, 11, 40, tzinfo=UTC)
_DAYS = ("2026-02-28", "2026-03-01")
_SERVER, _ADDRESS = "sftp.acme.example:22", "server sftp.acme.example:22"
_CAUSES = {
    "retrying": f"{_SERVER}, writing the file: the disk is full. Ask the client to make room.",
    "late": f"{_SERVER}, writing the file: the disk is full. Ask the client to make room.",
    "missing": "courseCompletion of 2026-03-01 was never delivered: never tried.",
    "given_up": f"{_SERVER}, writing the file: the disk is full. Ask the client to make room.",
    "not_begun": "Nothing of these nights is in the ledger: no run of them has begun, or it still waits.",
    "unconfirmed": "The file was sent, and is not on the server: nobody can tell whether it arrived.",
    "quarantined": "acme.yaml: field 'timezone': found 'Mars', wanted an IANA time zone such as America/New_York",
    "test_file_failed": f"{_SERVER}, opening the folder: the folder does not exist. Ask the client to create it.",
    "host_key_changed": f"{_SERVER}, exchanging keys: the server shows another host key than the known one. No "
    "password was sent.",
    "login_refused": f"{_SERVER}, logging in: the server refuses the login of user 'acme' (offered: password).",
    "server_unreachable": f"{_SERVER}, connecting: Connection refused. Check host and port, and that the client "
    "allows our source addresses: 192.0.2.7.",
    "unusual_count": "acme, courseCompletion: no events: the last 8 days of this weekday had 90 to "
    "130, 110 in the "
    "middle.",
    "late_events": "courseCompletion of 2026-03-01: 12 events came late; reported.",
    "would_fail": f"{_SERVER}, connecting: Connection refused. Check host and port. Call the client before "
    "tonight: nothing arrives there.",
    "outgrows_limit": "In 9 days an upload takes longer than 290 s, if the files go on to grow as they do.",
    "source_unreachable": "events_db: connection refused",
    "ledger_unreachable": "ledger_db: no answer within 60 s",
    "dag_processor_silent": "Airflow's dag processor was last seen at 2026-03-02 11:31 UTC.",
    "staging_full": "1,200,000,000 bytes are free on the staging area's disk, of which 1,073,741,824 are kept for "
    "small files (EVENT_DELIVERY_STAGING_FREE).",
}
_CONCERNS = {
    "not_begun": "night of 2026-03-01",
    "host_key_changed": _ADDRESS,
    "login_refused": "Connection sftp_acme",
    "server_unreachable": _ADDRESS,
    "would_fail": _ADDRESS,
    "source_unreachable": "the source",
    "ledger_unreachable": "the ledger",
    "staging_full": "the staging area",
    "dag_processor_silent": "the dag processor",
}
_ALONE = ("ledger_unreachable", "staging_full", "dag_processor_silent")  # no destination's
_OF_NO_DAY = ("quarantined", "test_file_failed", "would_fail", "outgrows_limit")
_LATE = ("not_begun", "server_unreachable", "source_unreachable")  # of which clients have no file meanwhile


class Example(NamedTuple):
    """A message: for whom (`operator`, `client`), of which kind, at which end."""

    reader: str
    kind: str
    ending: str
    alert: Alert


def example_of(kind: str) -> IncidentRecord:
    """Return an incident of a kind; what hits many hits three destinations."""
    stage = kind if kind in GRAVE_STAGES else "late" if kind in _LATE else ""
    days = _DAYS[1:] if kind in ("not_begun", "late") else () if kind in _OF_NO_DAY else _DAYS
    names = () if kind in _ALONE else ("acme", "birch", "cedar") if kind in _LATE else ("acme",)
    return IncidentRecord(
        id=1,
        topic=KINDS[kind].topic,
        concerns=_CONCERNS.get(kind, "destination acme"),
        kind=kind,
        severity=KINDS["late"].severity if kind in _LATE else KINDS[kind].severity,
        cause=_CAUSES[kind],
        hits=tuple(Hit(name, stage, days) for name in names),
        opened_at=_OPENED,
        last_seen_at=_OPENED + timedelta(hours=3),
    )


def write_examples() -> Iterator[Example]:
    """Yield every kind of message, as an operator and as a client reads it, at both ends."""
    acme = Destination(
        id="acme",
        client="Acme University",
        company_id="3aabdfb8-3891-5011-ad35-8e2351c5fdaf",
        timezone="Europe/Berlin",
        contact="it@acme.example",
    )
    for kind in KINDS.values():
        begun = example_of(kind.name)
        over = replace(begun, closed_at=begun.opened_at + timedelta(hours=3, minutes=20))
        for ending, incident in (("opened", begun), ("closed", over)):
            yield Example("operator", kind.name, ending, write_operator(incident, ending, "America/New_York"))
            if kind.for_client or any(hit.stage in GRAVE_STAGES for hit in incident.hits):
                yield Example("client", kind.name, ending, write_client(incident, ending, acme))
