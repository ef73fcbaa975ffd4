"""In which states can a delivery be, the worst first, and in which a test file?"""

from typing import Literal, get_args

State = Literal[
    "quarantined",
    "failed",
    "unconfirmed",
    "held",
    "missing",
    "retrying",
    "late",
    "running",
    "due",
    "cancelled",
    "delivered",
    "empty",
    "skipped",
    "disabled",
]
TestFileState = Literal["ok", "failed", "unconfirmed", "pending", "none"]

WORST_FIRST: tuple[State, ...] = get_args(State)
RANK: dict[State, int] = {state: place for place, state in enumerate(WORST_FIRST)}
