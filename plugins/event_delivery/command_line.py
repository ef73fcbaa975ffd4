"""How does a command of ours answer: in Airflow's own database, with one sentence where it fails?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from event_delivery.errors import DeliveryError


def answer(command: Callable[[], str]) -> int:
    """Print what a command says; returns the exit status, 1 where it fails for a reason that it names.

    It runs as Airflow's own commands do: with the Connections of Airflow's database.
    """
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
    try:
        print(command())  # noqa: T201
    except DeliveryError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0
