"""Why is a host key refused, and who must do what?"""

from __future__ import annotations

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.sftp.explain import Place
from event_delivery.sftp.host_key import SHORTEST_RSA, describe_key, fingerprint
from event_delivery.sftp.known_keys import KnownKeys
from event_delivery.sftp.server import Server


def explain_host_key(place: Place, known: KnownKeys, shown: list[str]) -> DeliveryError:
    """Return which key was shown, which was wanted, and the one command that confirms the new one."""
    found = ", ".join(dict.fromkeys(fingerprint(key) for key in shown))
    if not known.trusted:
        return _explain_unknown_key(place, known.policy, found)
    trusted = ", ".join(describe_key(key) for key in known.trusted)
    cure = f"{_advise_confirming(place.server, found)}."
    if place.server.host_keys_from == "yaml" or len(shown) != 1:
        cure = "correct host_key in the destination's YAML or the Connection."
    return PermanentError(
        f"{place}: the server shows another host key ({found}) than the known one ({trusted}). No password "
        f"was sent. Ask the client; if the new key is right, {cure}"
    )


def _explain_unknown_key(place: Place, policy: str, found: str) -> DeliveryError:
    said = f"{place}: nobody has confirmed the server's host key ({found}). No password was sent."
    if policy == "pinned":
        return PermanentError(
            f"{said} host_key_policy is pinned: ask the client for the key, and put host_key into the "
            f"destination's YAML or the Connection's extra."
        )
    meeting = (
        f", or let its test file meet it: airflow dags trigger {place.test_file_dag}"
        if place.test_file_dag
        else ""
    )
    meeting = "" if policy == "confirm" else meeting
    return RetryableError(
        f"{said} Ask the client; if it is right, {_advise_confirming(place.server, found)}{meeting}."
    )


def _advise_confirming(server: Server, found: str) -> str:
    return (
        f"confirm it on the Deliveries page, or run: python -m event_delivery.host_keys confirm "
        f"{server.connection_id} {found}"
    )


def explain_weak_key(place: Place, bits: int) -> DeliveryError:
    """Return that an RSA host key is too short."""
    return PermanentError(
        f"{place}: the server's RSA host key has {bits} bits, wanted {SHORTEST_RSA} or more. No password was "
        f"sent. Ask the client for a new host key; until then legacy_algorithms: true in the destination's YAML "
        f"lets it in."
    )
