"""What does one pass of the watch do: look, record, tell?"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from event_delivery.database import LEDGER_DB
from event_delivery.destinations import Destination, load_destinations
from event_delivery.errors import DeliveryError, describe_reason
from event_delivery.incidents.alerts import Alerts, read_alerts
from event_delivery.incidents.findings import Finding, Look, merge_findings
from event_delivery.incidents.looking import (
    judge_files,
    judge_recorded,
    judge_source,
    judge_staging,
    read_recorded,
)
from event_delivery.incidents.outage import Memory, Outage, keep_outage, read_outage
from event_delivery.incidents.probe import find_source_failure
from event_delivery.incidents.recording import Watched, record_pass
from event_delivery.incidents.routing import choose_openings
from event_delivery.incidents.telling import Teller, send_messages
from event_delivery.ledger import BoundedLedger, LedgerError
from event_delivery.ledger.instance import is_rehearsal
from event_delivery.ledger.preparing import prepare
from event_delivery.limits import LIMITS, WATCH_ANSWER
from event_delivery.staging.space import describe_shortage

_log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Surroundings:
    """What the watch asks others for: the time, Airflow, the source, the staging area's disk."""

    now: Callable[[], datetime]
    memory: Memory
    is_paused: Callable[[str], bool] = lambda _: False
    find_source_failure: Callable[[], str | None] = find_source_failure
    describe_shortage: Callable[[], str | None] = describe_shortage


def watch(around: Surroundings) -> list[str]:
    """Look once, record what begins and is over, and tell it; returns what went wrong meanwhile, a sentence each.

    Raises:
        PermanentError: the ledger is another instance's, or of a newer release.
    """
    troubles: list[str] = []
    alerts = _try(read_alerts, troubles)
    if alerts is not None and is_rehearsal():
        alerts = alerts.model_copy(update={"contact_sender": None})  # no client hears of a rehearsal
    loaded = load_destinations()
    if not loaded:
        return troubles
    destinations = {each.id: each for each in loaded if isinstance(each, Destination)}
    teller = Teller(alerts or Alerts(), destinations)
    findings = judge_files(loaded)
    try:
        with BoundedLedger(WATCH_ANSWER, LIMITS.ledger_upgrade) as ledger:
            ledger.ask(prepare)
            look = _look(ledger, around, teller, findings, troubles)
            _record(ledger, look, alerts, teller, around.memory)
            if alerts is not None:
                troubles += send_messages(ledger, teller, around.now)
    except DeliveryError as error:
        if not _is_outage(error):
            raise
        troubles += _tell_outage(error, teller, around.now(), around.memory)
    return troubles


def _look(
    ledger: BoundedLedger, around: Surroundings, teller: Teller, findings: list[Finding], troubles: list[str]
) -> Look:
    """Look at everything; of what cannot be looked at, `troubles` says why, and it is left as it is."""
    now = around.now()
    source = _try(lambda: [around.find_source_failure()], troubles)
    shortage = _try(lambda: [around.describe_shortage()], troubles)
    enabled = [each for each in teller.destinations.values() if each.enabled]
    recorded = ledger.ask(read_recorded, enabled, now)
    retrying_after = teller.alerts.retrying_after
    found = findings + judge_recorded(recorded, enabled, now, retrying_after, around.is_paused)
    blind = {topic for topic, seen in (("source_unreachable", source), ("staging_full", shortage)) if seen is None}
    found += judge_source(source[0] if source else None) + judge_staging(shortage[0] if shortage else None)
    return Look(now, merge_findings(found), frozenset(blind))


def _record(ledger: BoundedLedger, look: Look, alerts: Alerts | None, teller: Teller, memory: Memory) -> None:
    """Record a look; an outage of the ledger that is over for long enough is taken over from where it was kept."""
    settle = teller.alerts.settle
    outage = read_outage(memory)
    is_over = outage is not None and look.at - outage.last_seen_at >= settle
    outages = [(outage.as_incident(), outage.list_openings())] if outage and is_over else []
    steps = ledger.ask(record_pass, Watched(look, alerts, teller.destinations, outages, settle))
    if steps is None:
        _log.info("Another watch has looked since.")
        return
    if is_over:
        memory.forget()
    for incident in steps.opened:
        _log.warning("%s, %s: %s", incident.kind, incident.concerns, incident.cause)
    for incident in steps.closed:
        _log.info("Over: %s, %s", incident.kind, incident.concerns)


def _tell_outage(error: DeliveryError, teller: Teller, now: datetime, memory: Memory) -> list[str]:
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


def _is_outage(error: DeliveryError) -> bool:
    """Tell whether the ledger's database gives no answer or refuses, not whether the ledger is another's."""
    return isinstance(error, LedgerError) or str(error).startswith(f"{LEDGER_DB}: ")


def _try(look: Callable[[], Answer], troubles: list[str]) -> Answer | None:
    try:
        return look()
    except Exception as error:
        troubles.append(describe_reason(error, 0))
        return None
