"""Does each server answer, and show the known host key? Nobody logs in, and no server is asked twice."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from event_delivery.errors import DeliveryError
from event_delivery.ledger.preflights import Finding
from event_delivery.limits import SERVER_LOOKED_AT, SERVERS_LOOKED_AT_ONCE
from event_delivery.preflight.findings import make_finding
from event_delivery.preflight.recipients import Sought
from event_delivery.sftp import Route, ShownKey
from event_delivery.sftp.explain import Place
from event_delivery.sftp.host_key import is_same_key
from event_delivery.sftp.host_key_refusals import explain_host_key
from event_delivery.sftp.shown_keys import ask_for_keys
from event_delivery.upload.host_share import name_host

_ACTIVITY = "exchanging keys"


@dataclass(frozen=True)
class Looked:
    """What came of all looks at servers; `unknown` are the keys that nobody knows yet."""

    findings: tuple[Finding, ...] = ()
    unknown: tuple[ShownKey, ...] = ()


def look_at_servers(
    sought: Sequence[Sought],
    route: Route,
    seconds: float = SERVER_LOOKED_AT,
    at_once: int = SERVERS_LOOKED_AT_ONCE,
) -> Looked:
    """Look at each server for `seconds` at most, so many `at_once`; a host has one connection at a time."""
    return asyncio.run(_look_at_all(sought, route, seconds, at_once))


async def _look_at_all(sought: Sequence[Sought], route: Route, seconds: float, at_once: int) -> Looked:
    slots = asyncio.Semaphore(at_once)

    async def look_at_host(servers: Iterable[Sequence[Sought]]) -> list[Looked]:
        async with slots:
            return [await _look_at(sharing, route, seconds) for sharing in servers]

    hosts: dict[str, dict[bool, list[Sought]]] = defaultdict(lambda: defaultdict(list))
    for each in sought:
        hosts[name_host(each.server)][each.server.legacy_algorithms].append(each)
    looked = await asyncio.gather(*(look_at_host(servers.values()) for servers in hosts.values()))
    flat = [each for of_host in looked for each in of_host]
    return Looked(
        tuple(finding for each in flat for finding in each.findings),
        tuple(key for each in flat for key in each.unknown),
    )


async def _look_at(sharing: Sequence[Sought], route: Route, seconds: float) -> Looked:
    """Look at one server for all destinations that share it."""
    known = tuple(dict.fromkeys(key for each in sharing if each.known for key in each.known.trusted))

    def is_enough(shown: Sequence[str]) -> bool:
        return all(_is_known(each, shown) for each in sharing)

    try:
        shown = await ask_for_keys(sharing[0].server, known, is_enough, route, seconds)
    except DeliveryError as error:
        return Looked(tuple(make_finding("server", str(error), each.destination) for each in sharing))
    except Exception as error:  # one server's nonsense must not hide what the others say
        return Looked(tuple(_find_nonsense(each, error) for each in sharing))
    refusing = [each for each in sharing if not _is_known(each, shown)]
    return Looked(
        tuple(_refuse(each, shown) for each in refusing),
        tuple(ShownKey(each.server, key) for each in refusing for key in shown),
    )


def _find_nonsense(sought: Sought, error: Exception) -> Finding:
    told = f"{sought.server.address}: the server's answer makes no sense ({type(error).__name__})."
    return make_finding("server", told, sought.destination)


def _is_known(sought: Sought, shown: Sequence[str]) -> bool:
    """Tell whether one of the keys is known; without the ledger's word, that there is one is all one can ask."""
    if sought.known is None:
        return bool(shown)
    return any(is_same_key(key, trusted) for key in shown for trusted in sought.known.trusted)


def _refuse(sought: Sought, shown: Sequence[str]) -> Finding:
    place = Place(sought.server, _ACTIVITY, sought.test_file_dag)
    known = sought.known
    assert known is not None  # noqa: S101 - without it nothing is refused
    return make_finding("host_key", str(explain_host_key(place, known, list(shown))), sought.destination)
