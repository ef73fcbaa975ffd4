"""A real ledger, and the passes of a watch over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from event_delivery.ledger import open_ledger


class DirectLedger:
    """The ledger, asked on the test's own connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        return question(self.connection, *arguments)


@pytest.fixture
def ledger_connection(events_db):
    """A connection to an empty ledger of this release."""
    with open_ledger() as connection:
        yield connection
