"""What is known of an outage of the ledger while that can keep nothing?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from event_delivery.incidents.kinds import KINDS
from event_delivery.incidents.reasons import THE_LEDGER
from event_delivery.ledger.incident_messages import Opening
from event_delivery.ledger.incidents import IncidentRecord

_KIND = KINDS["ledger_unreachable"]


@dataclass(frozen=True)
class Memory:
    """Where a text is kept that outlives the ledger's outage and the watch's process: read, written, forgotten."""

    read: Callable[[], str | None]
    write: Callable[[str], None]
    forget: Callable[[], None]


@dataclass(frozen=True)
class Outage:
    """Since when the ledger gives no answer, why, when that was seen last, and whom that was told."""

    opened_at: datetime
    last_seen_at: datetime
    cause: str
    told: tuple[str, ...] = ()

    def as_incident(self) -> IncidentRecord:
        """Return it as the ledger will keep it."""
        return IncidentRecord(
            id=0,
            topic=_KIND.topic,
            concerns=THE_LEDGER,
            kind=_KIND.name,
            severity=_KIND.severity,
            cause=self.cause,
            hits=(),
            opened_at=self.opened_at,
            last_seen_at=self.last_seen_at,
        )

    def list_openings(self) -> list[Opening]:
        """Return whom it was told."""
        return [Opening(recipient, self.opened_at, sent_at=self.opened_at) for recipient in self.told]


def read_outage(memory: Memory) -> Outage | None:
    """Return what is known of an outage, or None: there is none."""
    text = memory.read()
    if not text:
        return None
    kept = json.loads(text)
    opened_at, last_seen_at = (datetime.fromisoformat(kept[name]) for name in ("opened_at", "last_seen_at"))
    return Outage(opened_at, last_seen_at, kept["cause"], tuple(kept["told"]))


def keep_outage(memory: Memory, outage: Outage) -> None:
    """Keep what is known of an outage."""
    kept = {
        "opened_at": outage.opened_at.isoformat(),
        "last_seen_at": outage.last_seen_at.isoformat(),
        "cause": outage.cause,
        "told": outage.told,
    }
    memory.write(json.dumps(kept))
