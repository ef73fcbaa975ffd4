"""How is Airflow's own database opened?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@contextmanager
def open_metadata() -> Iterator[Session]:
    """Open a session with Airflow's own database."""
    from airflow.utils.session import create_session

    with create_session() as session:
        yield session
