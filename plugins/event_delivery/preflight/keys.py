"""Can each destination's files be encrypted and signed tonight?"""

from __future__ import annotations

from collections.abc import Iterable

from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError
from event_delivery.ledger.preflights import Finding
from event_delivery.openpgp import check_keys
from event_delivery.preflight.findings import make_finding


def look_at_keys(destinations: Iterable[Destination]) -> list[Finding]:
    """Look at the OpenPGP keys that each destination names: there, fit, not expired, not revoked?"""
    findings = list[Finding]()
    for each in destinations:
        try:
            check_keys(each)
        except DeliveryError as error:
            findings.append(make_finding("keys", str(error), each.id))
    return findings
