"""How fast did each way upload, beside the aims?"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.line import Gauge, Line

STOCK_AIM = 2.0
NEAR_OPENSSH_AIM = 1.2
FAR_MILLISECONDS = 150
_HEADINGS = ("", "seconds", "MB/s", "stock / it", "it / OpenSSH", "CPU s", "peak MB", "of imports")
_WIDTHS = (10, 9, 9, 12, 14, 8, 9, 12)


@dataclass(frozen=True)
class UploadRun:
    """What one way cost once, from connecting to its end; `before_mb` is the memory before that."""

    seconds: float
    cpu: float
    before_mb: float
    peak_mb: float


@dataclass(frozen=True)
class Measured:
    """One file over one line; each round holds a run of each way."""

    line: Line
    bytes: int
    gauge: Gauge | None
    rounds: list[dict[str, UploadRun]]

    @property
    def name(self) -> str:
        """What was measured."""
        return f"{self.line.name}, {self.bytes / 1e6:.0f} MB"

    def best(self, way: str) -> UploadRun:
        """Return the fastest round's run: what disturbs only ever adds."""
        return min((runs[way] for runs in self.rounds), key=lambda run: run.seconds)

    def ratio(self, way: str, other: str) -> float | None:
        """Return how many times as long as another one a way took."""
        if other not in self.rounds[0]:
            return None
        return self.best(way).seconds / self.best(other).seconds


def render_uploads(server: str, measured: list[Measured]) -> str:
    """Show the ways side by side, and below which aims are met."""
    title = (
        f"Uploads to {server}: JSON of events; connect, log in and send; the best of the interleaved rounds\n"
        "ours remembers in the ledger how fast a line is: the first night is the first round's"
    )
    aims = [aim for part in measured for aim in _judge(part)]
    return "\n".join([title, *(_render(part) for part in measured), "", "Aims of ours", *aims, ""])


def _render(part: Measured) -> str:
    head = f"\n{part.name}, rounds: {len(part.rounds)}" + _render_gauge(part.gauge)
    ways = sorted(part.rounds[0], key=("ours", "stock", "openssh", "rclone", "lftp").index)
    first = part.rounds[0]["ours"].seconds
    lines = [_line(_HEADINGS), *(_line(_cells(part, way)) for way in ways)]
    return "\n".join([head, *lines, f"  ours in the first round: {first:.2f} s"])


def _render_gauge(gauge: Gauge | None) -> str:
    if not gauge:
        return ""
    return f"; the line itself: {gauge.milliseconds:.1f} ms there and back, {gauge.rate:.1f} MB/s"


def _cells(part: Measured, way: str) -> tuple[str, ...]:
    best = part.best(way)
    stock, openssh = part.ratio("stock", way), part.ratio(way, "openssh")
    return (
        way,
        f"{best.seconds:.2f}",
        f"{part.bytes / 1e6 / best.seconds:.1f}",
        f"{stock:.2f}" if stock else "-",
        f"{openssh:.2f}" if openssh else "-",
        f"{best.cpu:.2f}",
        f"{max(runs[way].peak_mb for runs in part.rounds):.0f}",
        f"{best.before_mb:.0f}",
    )


def _judge(part: Measured) -> list[str]:
    stock, openssh = part.ratio("stock", "ours") or 0, part.ratio("ours", "openssh")
    aims = [_judge_one(f"{stock:.2f}x stock's rate", f"at least {STOCK_AIM:.0f}x", stock >= STOCK_AIM)]
    if openssh and not part.line.milliseconds:
        wanted = f"at most {NEAR_OPENSSH_AIM}x"
        aims.append(_judge_one(f"{openssh:.2f}x OpenSSH's time", wanted, openssh <= NEAR_OPENSSH_AIM))
    if openssh and part.line.milliseconds >= FAR_MILLISECONDS:
        aims.append(_judge_one(f"{1 / openssh:.2f}x OpenSSH's rate", "at least 1x", openssh <= 1))
    return [f"  {part.name + ':':<30}{aim}" for aim in aims]


def _judge_one(found: str, wanted: str, met: bool) -> str:
    return f"{found:<24}{wanted:<15}{'met' if met else 'MISSED'}"


def _line(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in others)
