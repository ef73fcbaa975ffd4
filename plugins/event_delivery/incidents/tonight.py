"""What would fail tonight, as it was last looked over by day? Pure."""

from __future__ import annotations

from datetime import datetime

from event_delivery.incidents.findings import Finding
from event_delivery.incidents.reasons import find_server
from event_delivery.ledger.incidents import Hit
from event_delivery.ledger.preflights import Finding as Foreseen
from event_delivery.ledger.preflights import Preflight
from event_delivery.limits import PREFLIGHT_COUNTS

_OWN_KINDS = ("destination", "ledger")  # what is quarantined, and a ledger that is away, are told as such
_EVERYBODY = "every destination"


def judge_preflight(preflight: Preflight | None, now: datetime) -> list[Finding]:
    """Return what the last look foresaw; of a look that another should have followed by now, nothing.

    What concerns one server is one finding, however many destinations share it.
    """
    if preflight is None or now - preflight.looked_at > PREFLIGHT_COUNTS:
        return []
    return [_tell(each) for each in preflight.findings if each.kind not in _OWN_KINDS]


def _tell(foreseen: Foreseen) -> Finding:
    name, cause = foreseen.destination, f"{foreseen.told} {foreseen.advice}"
    if name is None:
        return Finding("would_fail", f"{_EVERYBODY}, {foreseen.kind}", cause)
    told = foreseen.told.removeprefix(f"{name}: ")
    if (server := find_server(told)) is None:
        return Finding("would_fail", f"destination {name}", cause, (Hit(name),))
    return Finding("would_fail", f"server {server}", f"{told} {foreseen.advice}", (Hit(name),))
