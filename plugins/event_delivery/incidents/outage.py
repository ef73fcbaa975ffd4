"""What is known of an outage of the ledger while that can keep nothing? It stands in an Airflow Variable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from event_delivery.incidents.kinds import KINDS
from event_delivery.incidents.reasons import THE_LEDGER
from event_delivery.ledger.incident_messages import Opening
from event_delivery.ledger.incidents import IncidentRecord

VARIABLE = "event_delivery_ledger_outage"
_KIND = KINDS["ledger_unreachable"]


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


def read_outage() -> Outage | None:
    """Return what is known of an outage, or None: there is none."""
    from airflow.sdk import Variable

    text = Variable.get(VARIABLE, default=None)
    if not text:
        return None
    kept = json.loads(text)
    opened_at, last_seen_at = (datetime.fromisoformat(kept[name]) for name in ("opened_at", "last_seen_at"))
    return Outage(opened_at, last_seen_at, kept["cause"], tuple(kept["told"]))


def keep_outage(outage: Outage) -> None:
    """Keep what is known of an outage."""
    from airflow.sdk import Variable

    kept = {
        "opened_at": outage.opened_at.isoformat(),
        "last_seen_at": outage.last_seen_at.isoformat(),
        "cause": outage.cause,
        "told": outage.told,
    }
    Variable.set(VARIABLE, json.dumps(kept), description="Kept by watch_deliveries while the ledger is away.")


def forget_outage() -> None:
    """Forget an outage that the ledger has taken over."""
    from airflow.sdk import Variable

    Variable.delete(VARIABLE)
