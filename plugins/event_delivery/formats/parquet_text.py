"""Which texts stand in a Parquet file? Read in flat memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from io import BufferedReader
from typing import IO, Any

_MAGIC = b"PAR1"
_ROWS = 4_096  # at once


def is_parquet(file: BufferedReader[Any]) -> bool:
    """Tell whether a file begins as Parquet does; nothing of it is read away."""
    return file.peek(len(_MAGIC)).startswith(_MAGIC)


def read_parquet_text(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the values of a file as text, each in a line of its own, a few thousand rows at a time.

    Raises:
        ValueError: it is cut off, or no Parquet file that this package made.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryFile() as copy:
        try:
            with pq.ParquetFile(file if file.seekable() else _copy(file, copy)) as opened:
                for batch in opened.iter_batches(_ROWS, use_threads=False):
                    yield from map(_join_values, batch.columns)
        except (pa.ArrowException, OSError):
            raise ValueError("no Parquet file that this package made, or one that is cut off") from None


def _copy(file: IO[bytes], copy: IO[bytes]) -> IO[bytes]:
    """Return what comes in one go as a file of which any part can be read: Parquet's directory is at its end."""
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


def _join_values(column: Any) -> bytes:
    import pyarrow as pa

    texts = column.cast(pa.string()).to_pylist()
    return "".join(f"{text}\n" for text in texts if text is not None).encode()
