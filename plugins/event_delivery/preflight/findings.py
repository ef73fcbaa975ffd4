"""What does a look say, and what is to be done? Pure."""

from __future__ import annotations

from collections.abc import Iterable

from event_delivery.ledger.preflights import Finding, Preflight

ADVICE = {
    "destination": "Mend the destination's file.",
    "connection": "Correct the Airflow Connection.",
    "server": "Call the client before tonight: nothing arrives there.",
    "host_key": "Ask the client for its server's fingerprint before tonight, by telephone for instance.",
    "keys": "Mend it before tonight: no event is read for a file that cannot be encrypted.",
    "folder": "Correct the path or the Connection of the wrong one.",
    "source": "Mend the source or the statement before tonight: no day can be read.",
    "columns": "Tell the clients before tonight, or put the columns back: their files change.",
    "staging": "Make room before tonight.",
    "ledger": "Mend the ledger before tonight: nothing is uploaded without it.",
    "pool": "Give the pool its slots before tonight: tasks wait in it for ever.",
    "scheduler": "Start it before tonight: nothing runs without it.",
    "setting": "Correct the setting.",
    "look": "Mend it, then look again.",
}


def make_finding(kind: str, told: str, destination: str | None = None) -> Finding:
    """Return a finding with the advice for its kind; `told` begins with the destination that it is about."""
    named = destination is None or told.startswith(f"{destination}:")
    return Finding(destination, kind, told if named else f"{destination}: {told}", ADVICE[kind])


def order_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, those of all destinations first, none twice."""
    return tuple(
        sorted(
            dict.fromkeys(findings),
            key=lambda each: (each.destination is not None, each.destination or "", each.kind, each.told),
        )
    )


def render_preflight(preflight: Preflight) -> str:
    """Return a look as text: its findings, then each destination, its server (host and port), the result."""
    lines = [f"{each.told} {each.advice}" for each in preflight.findings]
    wrong = {each.destination for each in preflight.findings}
    servers = sorted(preflight.servers.items())
    rows = [(name, server, "would fail" if name in wrong else "fine") for name, server in servers]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    table = [f"{name:<{widths[0]}}  {server:<{widths[1]}}  {result}" for name, server, result in rows]
    return "\n".join([*lines, *([""] if lines and table else []), *table, "", summarize(preflight)])


def summarize(preflight: Preflight) -> str:
    """Return a look in one sentence."""
    concerned = {each.destination for each in preflight.findings if each.destination}
    common = sum(each.destination is None for each in preflight.findings)
    if not preflight.findings:
        return f"{preflight.destinations} destinations are due, and nothing would fail that shows without a login."
    return (
        f"{preflight.destinations} destinations are due: {len(concerned)} would fail, and {common} things concern "
        "all of them."
    )
