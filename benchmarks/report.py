"""What do the figures say, beside the aims?"""

from collections.abc import Callable, Iterable
from statistics import median

from benchmarks.runs import Run

_HEADINGS = ("", "time / psql", "seconds", "CPU / psql", "CPU s", "of PostgreSQL", "peak MB")
_WIDTHS = (15, 12, 9, 12, 9, 15, 9)
WAYS = {
    "ours": "ours",
    "one": "ours, one",
    "psql": "psql",
    "naive": "pandas",
    "duckdb": "duckdb",
}
_AIMS = {"csv": 8, "json": 6}  # times faster than naive pandas
Rounds = list[dict[str, Run]]


def render_speed(rows: int, formats: dict[str, Rounds]) -> str:
    """Compare the ways; each round holds one run of each way, or fewer."""
    title = f"{rows:,} events, medians of {len(formats['csv'])} interleaved rounds; psql = COPY of the same bytes"
    blocks = [_render_format(format, rounds) for format, rounds in formats.items()]
    return "\n".join([title, "", _line(_HEADINGS), *blocks])


def render_memory(peaks: dict[int, dict[str, Run]]) -> str:
    """Show what our way takes in memory at each number of events."""
    head = _line(("events", "CSV MB", "JSON MB", "imports"), (12, 9, 9, 9))
    lines = [
        _line(
            (
                f"{rows:,}",
                f"{runs['csv'].peak_mb:.0f}",
                f"{runs['json'].peak_mb:.0f}",
                f"{runs['csv'].before_mb:.0f}",
            ),
            (12, 9, 9, 9),
        )
        for rows, runs in peaks.items()
    ]
    aim = "aim: under 250 MB, whatever the number of events (imports: before the first event)"
    return "\n".join(["Peak memory of ours", "", head, *lines, aim])


def _render_format(format: str, rounds: Rounds) -> str:
    ways = [way for way in WAYS if way in rounds[0]]
    lines = [_render_way(format, way, rounds) for way in ways]
    extract = _median(rounds, "ours", lambda run: run.steps["extract"])
    format_ = _median(rounds, "ours", lambda run: run.steps["format"])
    shares = f"extract {extract:.1f} s, format {format_:.1f} s"
    ratio, faster = _ratio(rounds, "ours", "psql", _seconds), _ratio(rounds, "naive", "ours", _seconds)
    one = _ratio(rounds, "one", "psql", _seconds)
    aims = [
        f"  ours: {ratio:.2f}x psql (aim: at most 1.25x), {faster:.1f}x faster than pandas (aim: at least "
        f"{_AIMS[format]}x); {shares}",
        f"  over one connection: {one:.2f}x psql (aim: at most 1.5x)",
    ]
    return "\n".join([*lines, *aims, ""])


def _render_way(format: str, way: str, rounds: Rounds) -> str:
    cells = (
        f"{format.upper():<5}{WAYS[way]}",
        f"{_ratio(rounds, way, 'psql', _seconds):.2f}",
        f"{_median(rounds, way, _seconds):.1f}",
        f"{_ratio(rounds, way, 'psql', _cpu):.2f}",
        f"{_median(rounds, way, _cpu):.1f}",
        f"{_median(rounds, way, lambda run: run.server_cpu):.1f}",
        f"{max(run.peak_mb for run in _runs(rounds, way)):.0f}",
    )
    return _line(cells)


def _line(cells: Iterable[str], widths: Iterable[int] = _WIDTHS) -> str:
    first, *others = zip(cells, widths, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in others)


def _runs(rounds: Rounds, way: str) -> list[Run]:
    return [runs[way] for runs in rounds if way in runs]


def _median(rounds: Rounds, way: str, value: Callable[[Run], float]) -> float:
    return median(value(run) for run in _runs(rounds, way))


def _ratio(rounds: Rounds, way: str, other: str, value: Callable[[Run], float]) -> float:
    """Return the median of the ratios within each round: a noisy minute slows both."""
    return median(value(runs[way]) / value(runs[other]) for runs in rounds if way in runs)


def _seconds(run: Run) -> float:
    return run.seconds


def _cpu(run: Run) -> float:
    return run.all_cpu
