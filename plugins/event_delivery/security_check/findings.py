"""What does a finding say?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from event_delivery.plain_text import make_plain

Severity = Literal["high", "medium", "low"]
WORST_FIRST: tuple[Severity, ...] = ("high", "medium", "low")


@dataclass(frozen=True)
class Finding:
    """One thing that is less safe than it could be: `what` was found (never a secret), `where`, `advice`."""

    severity: Severity
    where: str
    what: str
    advice: str

    def __post_init__(self) -> None:
        for name in ("where", "what", "advice"):
            object.__setattr__(self, name, make_plain(getattr(self, name)))


def order_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return each finding once, the worst first."""
    return sorted(set(findings), key=lambda each: (WORST_FIRST.index(each.severity), each.where, each.what))


def render_findings(findings: list[Finding]) -> str:
    """Return the findings as text for a terminal."""
    if not findings:
        return "Nothing was found."
    lines = [f"{each.severity:<8}{each.where}: {each.what}\n        {each.advice}" for each in findings]
    counts = ", ".join(f"{sum(each.severity == name for each in findings)} {name}" for name in WORST_FIRST)
    return "\n".join([*lines, f"{len(findings)} found: {counts}."])
