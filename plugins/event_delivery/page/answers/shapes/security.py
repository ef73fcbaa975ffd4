"""Which shape has the answer of the security check?"""

from __future__ import annotations

from typing import Literal, TypedDict


class Weakness(TypedDict):
    """One thing that is less safe than it could be; never a secret."""

    severity: Literal["high", "medium", "low"]
    where: str
    what: str
    advice: str


class SecurityCheck(TypedDict):
    """All of them, the worst first."""

    findings: list[Weakness]
