"""In which states can a delivery be, the worst first?"""

WORST_FIRST = (
    "quarantined",
    "failed",
    "missing",
    "retrying",
    "late",
    "running",
    "due",
    "delivered",
    "empty",
    "disabled",
)
