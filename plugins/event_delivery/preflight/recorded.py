"""What was found when the night was last looked over?"""

from __future__ import annotations

from event_delivery.errors import DeliveryError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.claims import record_if_ours
from event_delivery.ledger.preflights import Preflight, read_preflight, record_preflight
from event_delivery.limits import LIMITS, Limits


def record_look(preflight: Preflight, limits: Limits = LIMITS) -> list[str]:
    """Keep in the ledger what was found; returns a sentence where that cannot be: the findings are told anyway.

    The ledger of another instance is left as it is.
    """
    try:
        with BoundedLedger(limits.ledger, limits.ledger_upgrade) as ledger:
            ledger.ask(record_if_ours, record_preflight, preflight)
    except DeliveryError as error:
        return [f"The findings could not be kept in the ledger: {error}"]
    return []


def read_findings(ledger: BoundedLedger) -> Preflight | None:
    """Return the last look, with its findings and its moment; None: there was none. Raises LedgerError."""
    return ledger.ask(read_preflight)
