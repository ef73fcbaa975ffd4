"""How does a night look: how many clients have their file after how many seconds?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 760, 320, 56, 34, 24, 46
_COLOURS = ("#0b6bcb", "#8a8f98", "#c2410c")
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
_TEXT = 'font-family="system-ui, sans-serif" font-size="12" fill="#57606a"'


def draw_timeline(title: str, nights: Mapping[str, Sequence[float]]) -> str:
    """Return an SVG: a line for each night, the share of its files over seconds, with its half marked.

    Args:
        title: above the chart.
        nights: seconds at which each file was there, ascending, by what a night is called.
    """
    longest = max(ends[-1] for ends in nights.values())
    step = next((step for step in _STEPS if longest / step <= 10), _STEPS[-1])
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-label="{title}">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" {_TEXT} font-weight="600">{title}</text>',
        *_draw_axes(longest, step),
    ]
    for (name, ends), colour, row in zip(nights.items(), _COLOURS, range(len(nights)), strict=False):
        parts += _draw_night(name, ends, colour, longest, row)
    return "\n".join([*parts, "</svg>", ""])


def _draw_axes(longest: float, step: int) -> list[str]:
    lines = []
    for tenth in range(0, 101, 25):
        y = _y_of(tenth / 100)
        lines.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#d8dee4"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {_TEXT}>{tenth} %</text>')
    for seconds in range(0, int(longest) + 1, step):
        x, y = _x_of(seconds, longest), _HEIGHT - _BOTTOM + 18
        lines.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle" {_TEXT}>{seconds} s</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    lines.append(
        f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle" {_TEXT}>after the first task began</text>'
    )
    return lines


def _draw_night(name: str, ends: Sequence[float], colour: str, longest: float, row: int) -> list[str]:
    points = [(_x_of(0, longest), _y_of(0))]
    points += [(_x_of(end, longest), _y_of((at + 1) / len(ends))) for at, end in enumerate(ends)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    x, y = _x_of(ends[len(ends) // 2], longest), _y_of(0.5)
    legend_y = _TOP + 16 + 18 * row
    return [
        f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>',
        f'<path d="M{_LEFT + 12} {legend_y - 4}h22" stroke="{colour}" stroke-width="2"/>',
        f'<text x="{_LEFT + 42}" y="{legend_y}" {_TEXT}>{name}</text>',
    ]


def _x_of(seconds: float, longest: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * seconds / longest


def _y_of(share: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share
