"""What would fail tonight, all of it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

from event_delivery.destinations import AnyDestination, Destination, load_destinations
from event_delivery.errors import DeliveryError, PermanentError, describe_reason
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.claims import find_refusal, record_if_ours
from event_delivery.ledger.instance import read_instance
from event_delivery.ledger.preflights import Finding, Preflight
from event_delivery.ledger.servers import record_shown_key
from event_delivery.limits import LIMITS, SERVER_LOOKED_AT
from event_delivery.preflight.due import find_due, find_quarantined
from event_delivery.preflight.findings import make_finding, order_findings
from event_delivery.preflight.keys import look_at_keys
from event_delivery.preflight.recipients import find_jump_host, find_recipients
from event_delivery.preflight.room import look_at_staging
from event_delivery.preflight.servers import look_at_servers
from event_delivery.preflight.source import look_at_source
from event_delivery.sftp import ShownKey, read_route
from event_delivery.upload.recipient import name_key_owner

Look = Callable[[], Iterable[Finding]]


def look_over(
    now: datetime,
    only: str | None = None,
    find_paused: Callable[[list[str]], set[str]] = lambda _: set(),
    seconds: float = SERVER_LOOKED_AT,
) -> Preflight:
    """Look over every destination that is due within a day, without a login and without a file.

    What cannot be looked at is a finding of its own, and hides no other.

    Args:
        now: when.
        only: the one destination to look at; None: all.
        find_paused: returns which of these destinations are paused in Airflow, and so not due.
        seconds: the longest look at one server.

    Raises:
        PermanentError: there is no destination `only`.
    """
    destinations = _choose(load_destinations(), only)
    paused = find_paused([each.id for each in destinations])
    destinations = [each for each in destinations if each.id not in paused]
    due, findings = find_due(destinations, now), find_quarantined(destinations)
    with _open_ledger(findings) as ledger:
        servers = _look_at_servers(due, ledger, seconds, findings)
        findings += _guard("the OpenPGP keys", partial(look_at_keys, due))
        findings += _guard("the source", partial(look_at_source, due))
        findings += _guard("the staging area", partial(look_at_staging, due, ledger, now))
    shown = {each.id: servers.get(each.id, "-") for each in destinations if each in due or _is_wrong(each)}
    return Preflight(now, len(due), order_findings(findings), shown)


def _choose(destinations: Iterable[AnyDestination], only: str | None) -> list[AnyDestination]:
    chosen = [each for each in destinations if only in (None, each.id)]
    if only is not None and not chosen:
        raise PermanentError(f"There is no destination {only!r}.")
    return chosen


def _is_wrong(destination: AnyDestination) -> bool:
    return not isinstance(destination, Destination)


@contextmanager
def _open_ledger(findings: list[Finding]) -> Iterator[BoundedLedger | None]:
    """Open this instance's ledger; None, and a finding, where that gives no answer or is another's."""
    ledger = BoundedLedger(LIMITS.ledger, LIMITS.ledger_upgrade)
    try:
        ledger.__enter__()
    except DeliveryError as error:
        findings.append(make_finding("ledger", str(error)))
        yield None
        return
    try:
        findings += _guard("the ledger", lambda: _judge(ledger))
        yield ledger
    finally:
        ledger.__exit__()


def _judge(ledger: BoundedLedger) -> list[Finding]:
    refusal = ledger.ask(find_refusal)
    return [make_finding("ledger", str(refusal))] if refusal else []


def _look_at_servers(
    due: Sequence[Destination], ledger: BoundedLedger | None, seconds: float, findings: list[Finding]
) -> dict[str, str]:
    """Look at the servers, or at the jump host before them; returns the address of each destination's."""
    try:
        sought, wrong = find_recipients(due, ledger, read_instance().rehearsal)
        route = read_route()
        jump, wrong_jump = find_jump_host(route, ledger)
        findings += wrong + wrong_jump
        looked = look_at_servers(jump if route.jump_connection else sought, route, seconds)
    except DeliveryError as error:
        findings.append(make_finding("setting", str(error)))
        return {}
    findings += looked.findings
    if ledger:
        _note_keys(ledger, looked.unknown)
    way = " (not looked at: reached by a jump host)" if route.jump_connection else ""
    return {each.destination: each.server.address + way for each in sought if each.destination}


def _note_keys(ledger: BoundedLedger, unknown: Iterable[ShownKey]) -> None:
    """Note the keys that nobody knows, so that a person can confirm them; they count for nothing."""
    with suppress(DeliveryError):
        for each in dict.fromkeys(unknown):
            ledger.ask(record_if_ours, record_shown_key, name_key_owner(each.server), each.public_key)


def _guard(name: str, look: Look) -> list[Finding]:
    try:
        return list(look())
    except Exception as error:
        return [make_finding("look", f"{name} could not be looked at: {describe_reason(error, 0)}")]
