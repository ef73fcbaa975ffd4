"""How does a command of ours answer: in Airflow's own database, with one sentence where it fails?"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from event_delivery.errors import DeliveryError, PermanentError

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)  # beyond these, zones overflow
_STANDARD_OUTPUT = 1
_SETTINGS = ("AIRFLOW_HOME", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")


def answer(command: Callable[[], str]) -> int:
    """Print what a command says; returns the exit status, 1 where it fails for a reason that it names.

    It runs as Airflow's own commands do: with the Connections of Airflow's database.
    """
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
    try:
        with explained_database():
            print(command(), flush=True)  # noqa: T201
    except DeliveryError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except BrokenPipeError:
        return end_pipe()
    return 0


def end_pipe() -> int:
    """Let nothing more be written where nobody reads on, as behind `| head`; returns a shell's status for that."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STANDARD_OUTPUT)
    os.close(nowhere)
    return 128 + signal.SIGPIPE


@contextmanager
def explained_database() -> Iterator[None]:
    """Let a failure of Airflow's database be one sentence: SQLAlchemy's holds what was to be written, secrets too.

    Raises:
        PermanentError: in place of what SQLAlchemy raises.
    """
    try:
        yield
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError

        if not isinstance(error, SQLAlchemyError):
            raise
        raise PermanentError(
            f"Airflow's database cannot be asked ({type(error).__name__}): `airflow db check` says more. This "
            f"wants Airflow's environment, as a worker has it. Here {' and '.join(map(_tell_setting, _SETTINGS))}."
        ) from None


def _tell_setting(name: str) -> str:
    """Say whether a setting is there; of a URL no more, it holds a password."""
    value = os.environ.get(name)
    if not value:
        return f"{name} is not set"
    return f"{name} is {'set' if '://' in value else value}"


def read_day(text: str) -> date:
    """Return the day that an argument names; raises ArgumentTypeError, which says what is wanted."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text!r}, wanted a day such as 2026-01-31") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise argparse.ArgumentTypeError(f"found {text!r}, wanted a day from {FIRST_DAY} to {LAST_DAY}")
    return day
