"""Where are sets compared that are too large for memory?

SQLite keeps what does not fit into its cache in a file without a name, which goes with the connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

_ANONYMOUS = ""  # SQLite: a private database on disk


@contextmanager
def open_scratch(tables: str) -> Iterator[sqlite3.Connection]:
    """Open a database with these tables, empty; it goes at the end."""
    with closing(sqlite3.connect(_ANONYMOUS, isolation_level=None)) as connection:
        connection.execute("pragma temp_store = file")
        connection.executescript(tables)
        connection.execute("begin")
        yield connection
