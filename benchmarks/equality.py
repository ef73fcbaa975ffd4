"""Do two files hold the same events? `python -m benchmarks.equality FORMAT FILE FILE` says so."""

import csv
import json
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path


def main() -> None:
    """End with an error that names the first event that differs."""
    format, *paths = sys.argv[1:]
    read = {"csv": _read_csv, "json": _read_json}[format]
    for number, (first, second) in enumerate(zip_longest(*(read(Path(path)) for path in paths))):
        if first != second:
            sys.exit(f"{paths[0]} and {paths[1]} differ in record {number}:\n{first}\n{second}")


def _read_csv(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file, strict=True)


def _read_json(path: Path) -> Iterator[object]:
    yield from json.loads(path.read_bytes())


if __name__ == "__main__":
    main()
