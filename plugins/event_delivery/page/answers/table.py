"""How does the overview read on a terminal?"""

from __future__ import annotations

from typing import Any

_CELL_HEADINGS = ("day", "event", "state", "attempt", "next try", "delivered", "rows", "reason")
_HEADINGS = ("destination", "client", *_CELL_HEADINGS)
_QUIET = ("delivered", "empty")
_LONGEST = 100


def render_overview(overview: dict[str, Any]) -> str:
    """Return the counts, and a line for each delivery; of those that went well only the latest is shown."""
    counts = ", ".join(f"{count} {state}" for state, count in overview["counts"].items() if count)
    lines = [line for row in overview["destinations"] for line in _render_row(row)]
    table = _align([_HEADINGS, *lines]) if lines else "(no destination)"
    return f"{overview['from']} to {overview['to']}: {counts or 'nothing'}\n\n{table}"


def _render_row(row: dict[str, Any]) -> list[tuple[str, ...]]:
    named = (row["id"], row["client"])
    if row["worst"] in ("quarantined", "disabled"):
        return [(*named, "", "", row["worst"], "", "", "", "", _shorten(row["quarantined"]))]
    latest = {cell["e"]: cell for cell in row["cells"]}
    shown = [cell for cell in row["cells"] if cell["s"] not in _QUIET or latest[cell["e"]] is cell]
    return [(*named, *_render_cell(cell)) for cell in shown] or [(*named, *[""] * len(_CELL_HEADINGS))]


def _render_cell(cell: dict[str, Any]) -> tuple[str, ...]:
    attempt = f"{cell['a']} of 11" if "a" in cell else ""
    rows = "" if cell.get("r") is None else str(cell["r"])
    times = (cell.get("n", ""), cell.get("t", ""))
    return (cell["d"], cell["e"], cell["s"], attempt, *times, rows, _shorten(cell.get("err")))


def _shorten(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 3] + "..."


def _align(lines: list[tuple[str, ...]]) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
