"""How is a reconciliation written as CSV, now or from its JSON long after?"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

_COMMON = ("destination", "queried_at", "sha256")  # each row is of a report


def write_csv(report: Mapping[str, Any]) -> str:
    """Return the intervals of a report, described as its JSON is: each with the moment and the checksum."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    destination, *ending = (report[name] for name in _COMMON)
    intervals = report["intervals"]
    columns = list(intervals[0]) if intervals else []
    writer.writerow([_COMMON[0], *columns, *_COMMON[1:]])
    for row in intervals:
        writer.writerow([destination, *(_show(row[name]) for name in columns), *ending])
    return text.getvalue().removesuffix("\n")


def _show(value: object) -> object:
    return " ".join(value) if isinstance(value, list) else value
