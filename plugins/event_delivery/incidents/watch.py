"""What does one pass of the watch do: look, record, tell?"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from event_delivery.destinations import AnyDestination, Destination, QuarantinedDestination, load_destinations
from event_delivery.errors import DeliveryError, describe_reason
from event_delivery.incidents.alerts import Alerts, read_alerts
from event_delivery.incidents.belonging import assign
from event_delivery.incidents.findings import Look, merge_findings
from event_delivery.incidents.looking import (
    judge_dag_processor,
    judge_files,
    judge_recorded,
    judge_source,
    judge_staging,
    read_recorded,
)
from event_delivery.incidents.outage import Memory, read_outage
from event_delivery.incidents.outage_alarm import is_outage, tell_outage
from event_delivery.incidents.probe import find_source_failure
from event_delivery.incidents.recording import Watched, record_pass
from event_delivery.incidents.telling import Teller, send_messages
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.instance import is_rehearsal
from event_delivery.ledger.preparing import prepare
from event_delivery.limits import LIMITS, PROBED_AGAIN, WATCH_ANSWER
from event_delivery.staging.room_left import describe_shortage

_log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Surroundings:
    """What the watch asks others for: the time, Airflow, the source, the staging area's disk.

    `describe_silence`: since when the dag processor is silent; empty: it is alive; None: it cannot be asked for.
    """

    now: Callable[[], datetime]
    memory: Memory
    is_paused: Callable[[str], bool] = lambda _: False
    find_source_failure: Callable[[], str | None] = find_source_failure
    describe_shortage: Callable[[], str | None] = describe_shortage
    describe_silence: Callable[[datetime], str | None] = lambda _: ""
    pause: float = PROBED_AGAIN  # s, before a ledger without an answer is asked once more


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
    for pause in (around.pause, None):
        try:
            return troubles + _pass(around, alerts, teller, loaded)
        except DeliveryError as error:
            if not is_outage(error):
                raise
            failure = error
        if pause is not None:
            time.sleep(pause)
    return troubles + tell_outage(failure, teller, around.now(), around.memory)


def _pass(
    around: Surroundings, alerts: Alerts | None, teller: Teller, loaded: Sequence[AnyDestination]
) -> list[str]:
    """Look, record and tell; returns what went wrong meanwhile.

    Raises:
        DeliveryError: the ledger gives no answer, refuses, or is another instance's.
    """
    troubles: list[str] = []
    with BoundedLedger(WATCH_ANSWER, LIMITS.ledger_upgrade) as ledger:
        ledger.ask(prepare)
        look = _look(ledger, around, teller, loaded, troubles)
        _record(ledger, look, alerts, teller, around.memory)
        return troubles + (send_messages(ledger, teller, around.now) if alerts is not None else [])


def _look(
    ledger: BoundedLedger,
    around: Surroundings,
    teller: Teller,
    loaded: Sequence[AnyDestination],
    troubles: list[str],
) -> Look:
    """Look at everything; of what cannot be looked at, `troubles` says why, and it is left as it is."""
    now = around.now()
    source = _try(lambda: [around.find_source_failure()], troubles)
    shortage = _try(lambda: [around.describe_shortage()], troubles)
    enabled = [each for each in teller.destinations.values() if each.enabled]
    recorded = ledger.ask(read_recorded, enabled, now)
    retrying_after = teller.alerts.retrying_after
    found, nights = judge_recorded(recorded, enabled, now, retrying_after, around.is_paused)
    found += judge_files(loaded)
    silence = _try(lambda: around.describe_silence(now), troubles)
    asked = {"source_unreachable": source, "staging_full": shortage, "dag_processor_silent": silence}
    blind = frozenset(topic for topic, seen in asked.items() if seen is None)
    found += judge_source(source[0] if source else None) + judge_staging(shortage[0] if shortage else None)
    found += judge_dag_processor(silence)
    found = assign(found, recorded.incidents, nights)
    quarantined = frozenset(each.id for each in loaded if isinstance(each, QuarantinedDestination))
    wanted = quarantined | {each.id for each in enabled}
    return Look(now, merge_findings(found), blind, quarantined, wanted)


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


def _try(look: Callable[[], Answer], troubles: list[str]) -> Answer | None:
    try:
        return look()
    except Exception as error:
        troubles.append(describe_reason(error, 0))
        return None
