"""What is said of a staged file that is missing?"""

from event_delivery.errors import PermanentError


class StagedGoneError(PermanentError):
    """What was staged is not there, or is not what was staged: it must be staged again."""


def explain_gone(path: str) -> StagedGoneError:
    """Return why a staged file is missing."""
    return StagedGoneError(f"{path} is not there: it has expired or lies on another worker.")


def explain_removed(place: str) -> StagedGoneError:
    """Return why an object of the store is missing."""
    return StagedGoneError(f"{place} is not there: it has expired or was removed.")
