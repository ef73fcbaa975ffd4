"""How does the overview read on a terminal?"""

from __future__ import annotations

from event_delivery.page.answers.shapes.overview import Cell, Overview, Row
from event_delivery.plain_text import make_plain

_CELL_HEADINGS = ("day", "event", "state", "attempt", "next try", "delivered", "rows", "reason")
_HEADINGS = ("destination", "client", *_CELL_HEADINGS)
_QUIET = ("delivered", "empty", "skipped")
_LONGEST = 100


def render_overview(overview: Overview) -> str:
    """Return the counts, and a line for each delivery; of those that went well only the latest is shown."""
    counts = ", ".join(f"{count} {state}" for state, count in overview["counts"].items() if count)
    attempts = overview["limits"]["attempts"]
    lines = [line for row in overview["destinations"] for line in _render_row(row, attempts)]
    plain = [tuple(map(make_plain, line)) for line in lines]
    table = _align([_HEADINGS, *plain]) if lines else "(no destination)"
    notice = f"{make_plain(overview['ledger_notice'])}\n" if overview["ledger_notice"] else ""
    return f"{notice}{overview['from']} to {overview['to']}: {counts or 'nothing'}\n\n{table}"


def _render_row(row: Row, attempts: int) -> list[tuple[str, ...]]:
    named = (row["id"], row["client"])
    latest = {cell["event"]: cell for cell in row["cells"]}
    shown = [cell for cell in row["cells"] if cell["state"] not in _QUIET or latest[cell["event"]] is cell]
    lines = [(*named, *_render_cell(cell, attempts)) for cell in shown]
    if row["worst"] in ("quarantined", "disabled"):
        return [(*named, "", "", row["worst"], "", "", "", "", _shorten(row["quarantined"])), *lines]
    return lines or [(*named, *[""] * len(_CELL_HEADINGS))]


def _render_cell(cell: Cell, attempts: int) -> tuple[str, ...]:
    attempt = f"{cell['attempt']} of {attempts}" if "attempt" in cell else ""
    rows = "" if cell.get("rows") is None else str(cell["rows"])
    times = (cell.get("next_at", ""), cell.get("delivered_at", ""))
    return (cell["day"], cell["event"], cell["state"], attempt, *times, rows, _shorten(cell.get("error")))


def _shorten(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 3] + "..."


def _align(lines: list[tuple[str, ...]]) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
