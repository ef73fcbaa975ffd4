"""How is an instant written?"""

from datetime import UTC, datetime


def show_instant(instant: datetime) -> str:
    """Return an instant as ISO 8601 in UTC."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def show_known(instant: datetime | None) -> str | None:
    """Return an instant as `show_instant` does, or None where it is not known."""
    return show_instant(instant) if instant else None
