"""What would fail tonight, as it was last looked over, and what was fine?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from datetime import datetime

from event_delivery.incidents.reasons import find_server
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.preflights import Finding, Preflight, read_preflight
from event_delivery.limits import PREFLIGHT_COUNTS
from event_delivery.orchestration.links import link_dag
from event_delivery.orchestration.names import PREFLIGHT_DAG
from event_delivery.page.answers.instants import show_instant, show_known
from event_delivery.page.answers.shapes.preflight import FineDestination, Foreseen, PreflightAnswer

_UNKNOWN = "-"
_WORDS = re.compile(r"[\w-]+")  # as a destination's id is one
_HIDDEN = "Shared with destinations that you may not read: whoever may read them all sees it."


def read_last_look(readable: Set[str], now: datetime) -> PreflightAnswer:
    """Return the last look, of destinations that may be read; what concerns every one is everybody's.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    with open_ledger_reading() as ledger:
        look = read_preflight(ledger.connection) if ledger.connection else None
    return describe_look(look, readable, now)


def describe_look(look: Preflight | None, readable: Set[str], now: datetime) -> PreflightAnswer:
    """Return a look, None: there was none, as the page shows it. Pure."""
    servers = look.servers if look else {}
    findings = [each for each in look.findings if each.destination in (None, *readable)] if look else []
    wrong = {each.destination for each in findings}
    return {
        "now": show_instant(now),
        "looked_at": show_known(look.looked_at if look else None),
        "is_current": look is not None and now - look.looked_at <= PREFLIGHT_COUNTS,
        "looked": sum(each in readable for each in servers) if servers else look.destinations if look else 0,
        "findings": _gather(findings, servers, readable),
        "fine": [_describe_fine(each, servers[each]) for each in sorted(servers) if each in readable - wrong],
        "link": link_dag(PREFLIGHT_DAG),
    }


def _gather(findings: Iterable[Finding], servers: Mapping[str, str], readable: Set[str]) -> list[Foreseen]:
    """Return findings in their order, those that say the same of one server as one."""
    hidden, gathered = servers.keys() - readable, dict[tuple[str, str | None, str], Foreseen]()
    for each in findings:
        told = each.told.removeprefix(f"{each.destination}: ")
        server = _known(servers.get(each.destination or "", _UNKNOWN)) or find_server(told)
        if hidden & set(_WORDS.findall(told)):
            told = _HIDDEN
        foreseen = gathered.setdefault((each.kind, server, told), _begin(each, server, told))
        foreseen["destinations"] += [each.destination] if each.destination else []
    return list(gathered.values())


def _begin(finding: Finding, server: str | None, told: str) -> Foreseen:
    return {"kind": finding.kind, "server": server, "destinations": [], "told": told, "advice": finding.advice}


def _describe_fine(destination: str, server: str) -> FineDestination:
    return {"destination": destination, "server": _known(server)}


def _known(server: str) -> str | None:
    return None if server == _UNKNOWN else server
