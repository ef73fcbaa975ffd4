"""What would have failed tonight, when it was last looked over?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import run_statement

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Finding:
    """One thing that would fail tonight: a destination's, or with None all of theirs.

    `kind`: what was looked at, such as `server`. `told` and `advice`: a sentence each, free of secrets.
    """

    destination: str | None
    kind: str
    told: str
    advice: str


@dataclass(frozen=True)
class Preflight:
    """A whole look: when it began, over how many destinations that are due, and what it found.

    `servers`: host and port of each destination that was looked at, due or quarantined; `-`: not known.
    """

    looked_at: datetime
    destinations: int
    findings: tuple[Finding, ...] = ()
    servers: Mapping[str, str] = field(default_factory=dict)


def record_preflight(connection: Connection[Any], preflight: Preflight) -> None:
    """Put a look in the place of the one before, in one transaction; an earlier one replaces none."""
    values = {"looked_at": preflight.looked_at, "destinations": preflight.destinations}
    with connection.transaction():
        if not run_statement(connection, "record_preflight.sql", values).fetchone():
            return
        run_statement(connection, "forget_preflight_findings.sql", {})
        for number, finding in enumerate(preflight.findings):
            run_statement(connection, "record_preflight_finding.sql", {"number": number, **asdict(finding)})
        looked = {"names": list(preflight.servers), "servers": list(preflight.servers.values())}
        run_statement(connection, "forget_preflight_destinations.sql", {})
        run_statement(connection, "record_preflight_destinations.sql", looked)


def read_preflight(connection: Connection[Any]) -> Preflight | None:
    """Return the last look, None: there was none; of a ledger of this release."""
    row = run_statement(connection, "read_preflight.sql", {}).fetchone()
    if row is None:
        return None
    looked_at, destinations, findings, servers = row
    return Preflight(looked_at, destinations, tuple(Finding(*each) for each in findings), servers)
