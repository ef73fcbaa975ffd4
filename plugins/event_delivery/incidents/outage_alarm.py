"""How is an outage of the ledger told, which can keep neither the incident nor whom it was told?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from event_delivery.database import LEDGER_DB
from event_delivery.errors import DeliveryError, describe_reason
from event_delivery.incidents.outage import Memory, Outage, keep_outage, read_outage
from event_delivery.incidents.routing import choose_openings
from event_delivery.incidents.telling import Teller
from event_delivery.ledger import LedgerError


def tell_outage(error: DeliveryError, teller: Teller, now: datetime, memory: Memory) -> list[str]:
    """Tell once that the ledger gives no answer, and keep whom, so that nobody hears it twice."""
    outage = replace(read_outage(memory) or Outage(now, now, str(error)), last_seen_at=now)
    keep_outage(memory, outage)
    incident, troubles = outage.as_incident(), [str(error)]
    for opening in choose_openings(incident, teller.alerts, {}, now):
        if opening.recipient in outage.told:
            continue
        try:
            teller.send(opening.recipient, teller.write(incident, opening.recipient, "opened"))
        except Exception as failure:
            troubles.append(f"{opening.recipient}: {describe_reason(failure, 0)}")
            continue
        outage = replace(outage, told=(*outage.told, opening.recipient))
        keep_outage(memory, outage)
    return troubles


def is_outage(error: DeliveryError) -> bool:
    """Tell whether the ledger's database gives no answer or refuses, not whether the ledger is another's."""
    return isinstance(error, LedgerError) or str(error).startswith(f"{LEDGER_DB}: ")
