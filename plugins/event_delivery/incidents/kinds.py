"""Which kinds of incidents are there, how grave is each, and whom does it concern?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
UNDELIVERED = "undelivered"


@dataclass(frozen=True)
class Kind:
    """A kind of incident.

    `topic`: incidents of one topic about the same thing are one incident, whatever it is called meanwhile.
    `for_client`: the client can do something about it, or has to know. `flaps`: it is over only when it has not
    been seen for a while.
    """

    name: str
    severity: Severity
    topic: str
    for_client: bool = False
    flaps: bool = False


_ALL = (
    Kind("retrying", "warning", UNDELIVERED),
    Kind("late", "error", UNDELIVERED, for_client=True),
    Kind("missing", "error", UNDELIVERED, for_client=True),
    Kind("given_up", "error", UNDELIVERED, for_client=True),
    Kind("not_begun", "error", "not_begun"),
    Kind("unconfirmed", "error", "unconfirmed"),
    Kind("quarantined", "error", "quarantined"),
    Kind("test_file_failed", "warning", "test_file_failed", for_client=True),
    Kind("host_key_changed", "error", "host_key_changed", for_client=True),
    Kind("login_refused", "error", "login_refused", for_client=True),
    Kind("server_unreachable", "warning", "server_unreachable", flaps=True),
    Kind("unusual_count", "warning", "unusual_count"),
    Kind("late_events", "info", "late_events"),
    Kind("would_fail", "warning", "would_fail"),
    Kind("outgrows_limit", "warning", "outgrows_limit"),
    Kind("source_unreachable", "error", "source_unreachable", flaps=True),
    Kind("ledger_unreachable", "error", "ledger_unreachable", flaps=True),
    Kind("staging_full", "error", "staging_full", flaps=True),
    Kind("dag_processor_silent", "warning", "dag_processor_silent", flaps=True),
)
KINDS = {kind.name: kind for kind in _ALL}
STAGES = ("", "retrying", "late", "missing", "given_up")  # how far a night's trouble is, the worst last
GRAVE_STAGES = ("late", "missing", "given_up")  # the client has no file that was promised


def worst_severity(*severities: str) -> str:
    """Return the gravest of them."""
    return max(severities, key=[str(each) for each in SEVERITIES].index)


def worst_stage(*stages: str) -> str:
    """Return the stage that is farthest."""
    return max(stages, key=STAGES.index)
