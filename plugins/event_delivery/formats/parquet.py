"""How do a day's events become a Parquet file, in flat memory, the same bytes each time?

PostgreSQL has written each value as text, and before all records a line that names columns and types. Neither
clock nor machine goes in, but the release of Arrow does: `made_once` keeps a day's bytes when that changes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.formats.records import split_records, take_line
from event_delivery.formats.typed_records import read_records, read_schema

ROW_GROUP_BYTES = 8 << 20  # of text, which take about 100 MB while they are written
_SETTINGS = {
    "compression": "snappy",  # which every reader has
    "version": "2.6",
    "data_page_version": "1.0",
    "store_schema": False,  # Parquet's own types say all of it
}


def write_parquet(delivery: Delivery, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a Parquet file of what PostgreSQL wrote, a row group at a time.

    Args:
        delivery: whose file it is.
        blocks: a line of names and types, then CSV in which null alone has no quotes; they end anywhere.

    Raises:
        PermanentError: names the event and the column with a value that the column's type does not have.
    """
    import pyarrow.parquet as pq

    header, records = take_line(blocks)
    schema, rows, written = read_schema(header), 0, _Written()
    with pq.ParquetWriter(written, schema, **_SETTINGS) as writer:
        for part in split_records(records, ROW_GROUP_BYTES):
            table = read_records(delivery, schema, part, rows)
            writer.write_table(table, row_group_size=table.num_rows)
            rows += table.num_rows
            yield from written.take()
    yield from written.take()


class _Written(io.RawIOBase):
    """What Arrow has written and nobody taken yet."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, block: Any) -> int:
        self._blocks.append(bytes(block))
        self._size += len(block)
        return len(block)

    def take(self) -> list[bytes]:
        taken, self._blocks = self._blocks, []
        return taken
