"""How do the servers and what was seen of them become the table of docs/servers.md, and rows again?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/servers.md"
HEADING = (
    "server",
    "software",
    "temporary name",
    "posix-rename onto a file",
    "plain rename onto a file",
    "largest write",
    "fsync",
    "hash",
    "stat of a missing file",
    "proven",
)
SOFTWARE = HEADING.index("software")
ALL = "all"
_BEGIN = "<!-- written by `make servers` -->"
_END = "<!-- end of what is written -->"

Row = tuple[str, ...]


def read_rows() -> dict[str, Row]:
    """Return the page's rows by server."""
    lines = [line for line in _split()[1].splitlines() if line.startswith("|")]
    rows = [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in lines[2:]]
    return {row[0]: row for row in rows}


def write_rows(seen: Mapping[str, Row], order: Iterable[str]) -> None:
    """Replace the rows of the servers that were seen; what is known of the others stays."""
    rows = {**read_rows(), **seen}
    before, _, after = _split()
    lines = format_rows([rows[name] for name in order if name in rows])
    PAGE.write_text(f"{before}{_BEGIN}\n" + "\n".join(lines) + f"\n{_END}{after}", encoding="utf-8")


def format_rows(rows: Iterable[Row]) -> list[str]:
    """Return the table in Markdown, its columns aligned."""
    table = [HEADING, tuple("---" for _ in HEADING), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADING))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in table]
    return [f"| {' | '.join(row)} |" for row in padded]


def strip_versions(row: Row) -> Row:
    """Return a row without version numbers: a newer server is no news as long as it does the same."""
    software = re.split(r"[_/]?v?\d|[_/]$", row[SOFTWARE])[0] if row else ""
    return (*row[:SOFTWARE], software, *row[SOFTWARE + 1 :])


def _split() -> tuple[str, str, str]:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    rows, _, after = rest.partition(_END)
    return before, rows, after
