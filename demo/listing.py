"""How does a delivered file look on a terminal: name, size, and its first lines?"""

import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path


def describe_file(path: Path, above: Path, width: int, lines: int = 3) -> Iterator[str]:
    """Yield a line with name and size, then the first lines, cut at the terminal's width."""
    yield f"{path.relative_to(above)}  ({path.stat().st_size:,} bytes)"
    with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
        for line in islice(stream, lines):
            yield "  " + cut_line(line.rstrip("\n"), width - 2)


def cut_line(line: str, width: int) -> str:
    """Cut a line to so many columns, and replace what would move the cursor or turn the direction."""
    shown, columns = "", 0
    for character in line:
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if columns > width - 1:
            return shown + "…"
        shown += character if character.isprintable() else "·"
    return shown
