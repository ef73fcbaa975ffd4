"""What holds now: what is wrong, what it concerns, and of which topics could nothing be learned? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from event_delivery.incidents.kinds import GRAVE_STAGES, KINDS, UNDELIVERED, worst_severity, worst_stage
from event_delivery.ledger.incidents import Hit


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong now.

    `concerns`: what it is about, such as `destination acme`, `server sftp.acme.example:22`, `the source`.
    `cause`: one sentence for the operator, free of secrets.
    """

    kind: str
    concerns: str
    cause: str
    hits: tuple[Hit, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Which incident it is."""
        return KINDS[self.kind].topic, self.concerns

    @property
    def severity(self) -> str:
        """How grave it is: where clients have no file that was promised, as grave as that."""
        stages = [hit.stage for hit in self.hits if hit.stage in GRAVE_STAGES]
        return worst_severity(KINDS[self.kind].severity, *(KINDS[stage].severity for stage in stages))


@dataclass(frozen=True)
class Look:
    """What one pass of the watch found, and when.

    `blind`: topics of which nothing could be learned. `quarantined`: destinations of which nothing could.
    `wanted`: those that deliver, or would if their file were right; None: all. Another one is disabled or removed.
    """

    at: datetime
    findings: tuple[Finding, ...] = ()
    blind: frozenset[str] = field(default_factory=frozenset)
    quarantined: frozenset[str] = field(default_factory=frozenset)
    wanted: frozenset[str] | None = None


def merge_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return one finding for each thing that is wrong: what one cause does to many is one."""
    merged: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        merged.setdefault(finding.key, []).append(finding)
    return tuple(_merge(same) for same in merged.values())


def _merge(same: Sequence[Finding]) -> Finding:
    hits = merge_hits(hit for finding in same for hit in finding.hits)
    if KINDS[same[0].kind].topic != UNDELIVERED:
        return Finding(same[0].kind, same[0].concerns, same[-1].cause, hits)
    worst = worst_stage(*(finding.kind for finding in same))
    cause = [finding.cause for finding in same if finding.kind == worst][-1]
    return Finding(worst, same[0].concerns, cause, hits)


def merge_hits(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return one hit for each destination, in the order of their ids, with all its days and its worst stage."""
    days: dict[str, set[str]] = {}
    stages: dict[str, str] = {}
    for hit in hits:
        days.setdefault(hit.destination, set()).update(hit.days)
        stages[hit.destination] = worst_stage(stages.get(hit.destination, ""), hit.stage)
    return tuple(Hit(each, stages[each], tuple(sorted(days[each]))) for each in sorted(days))
