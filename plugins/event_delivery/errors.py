"""Which failures can a retry mend, which not, and in what words is one told?"""

import traceback
from pathlib import Path

from event_delivery.plain_text import make_plain


class DeliveryError(Exception):
    """A delivery could not be made; the message is one plain sentence for the operator, free of secrets.

    It goes into logs, ledger, page and terminal, and may quote a server or a database: nothing stands in it that
    does not show.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(make_plain(message))


class PermanentError(DeliveryError):
    """Retrying cannot help: somebody must change something first."""


class RefusedError(PermanentError):
    """This run may not deliver what it carries, whatever becomes of server and source."""


class MissingConnectionError(PermanentError):
    """An Airflow Connection that nobody has added yet."""


class RetryableError(DeliveryError):
    """Retrying may help: the network, a timeout, a busy or full server."""


def explain_missing(connection_id: str, url: str) -> MissingConnectionError:
    """Return that a Connection is not defined, and how it is added; `url` is an example of its URL."""
    return MissingConnectionError(
        f"The Airflow Connection {connection_id!r} is not defined. Add it: python -m "
        f"event_delivery.connection add {connection_id}, which asks for its URL ({url}). Also: airflow "
        f"connections add {connection_id} --conn-uri '<URL>', but the list of processes shows the password."
    )


def describe_reason(error: BaseException, seconds: float) -> str:
    """Return a failure's sentence, of a task that may take so many `seconds`.

    A foreign exception's text may hold anything, so only its type shows, and where in this package it came up.
    """
    if isinstance(error, DeliveryError):
        return str(error)
    if type(error).__name__ == "AirflowTaskTimeout":
        return f"The task did not end within {seconds:.0f} s."
    here = Path(__file__).parent
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(here)
    ]
    where = f" at {Path(frames[-1].filename).relative_to(here.parent)}:{frames[-1].lineno}" if frames else ""
    return f"Unexpected {type(error).__name__}{where}."
