"""What do readers that know nothing of this package find in a Parquet file?"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import duckdb
import pandas


def read_by_duckdb(path: Path) -> list[dict[str, Any]]:
    """Return the rows, instants as UTC to the microsecond, without a zone."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        kinds = describe_by_duckdb(path)
        columns = [
            f'"{quoted}"::timestamp as "{quoted}"' if kind == "TIMESTAMP WITH TIME ZONE" else f'"{quoted}"'
            for name, kind in kinds.items()
            if (quoted := name.replace('"', '""'))
        ]
        found = connection.execute(f"select {', '.join(columns)} from read_parquet(?)", [str(path)])
        return [dict(zip(kinds, row, strict=True)) for row in found.fetchall()]


def describe_by_duckdb(path: Path) -> dict[str, str]:
    """Return the columns' names and DuckDB's types."""
    with duckdb.connect() as connection:
        found = connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
        return {row[0]: row[1] for row in found}


def read_by_pandas(content: bytes) -> list[dict[str, Any]]:
    """Return the rows, what is missing as None."""
    frame = pandas.read_parquet(io.BytesIO(content), dtype_backend="pyarrow")
    return [
        {name: None if pandas.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
