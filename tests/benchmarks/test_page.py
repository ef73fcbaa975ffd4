"""Do published figures stand where they belong, and does the chart show what was measured?"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import __main__, page
from benchmarks.runs import BenchError
from benchmarks.timeline import draw_timeline

_PLACE = "before\n<!-- figures: night -->\nold\n<!-- end: night -->\nbehind\n"


def test_a_part_replaces_its_own_figures_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What people wrote around it stays, however often it is measured."""
    file = tmp_path / "benchmarks.md"
    file.write_text(_PLACE)
    monkeypatch.setattr(page, "PAGE", file)
    for figures in ("| 1 |", "| 2 |"):
        page.write_part("night", figures, 61.0)
    text = file.read_text()
    assert text.startswith("before\n<!-- figures: night -->\n*20")
    assert text.endswith("\n| 2 |\n<!-- end: night -->\nbehind\n")
    assert "| 1 |" not in text
    assert "old" not in text


def test_a_part_without_a_place_is_not_lost_silently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who renamed a part is told which lines the page needs."""
    file = tmp_path / "benchmarks.md"
    file.write_text(_PLACE)
    monkeypatch.setattr(page, "PAGE", file)
    with pytest.raises(BenchError, match="<!-- figures: parsing -->"):
        page.write_part("parsing", "| 1 |", 1.0)


def test_the_published_page_has_a_place_for_every_part() -> None:
    """An hour of measuring must not end in an error."""
    text = page.PAGE.read_text()
    assert re.findall(r"<!-- figures: (\w+) -->", text) == re.findall(r"<!-- end: (\w+) -->", text)
    assert set(re.findall(r"<!-- figures: (\w+) -->", text)) == set(__main__.PARTS)


def test_a_chart_ends_where_the_longest_night_does() -> None:
    """Both nights share one scale, and each has its half marked."""
    chart = ElementTree.fromstring(draw_timeline("A night", {"ours": [1.0, 2.0, 4.0], "floor": [1.0, 1.5, 2.0]}))
    space = "{http://www.w3.org/2000/svg}"
    paths = [each.attrib["d"] for each in chart.iter(f"{space}path") if each.attrib.get("fill") == "none"]
    ends = [tuple(map(float, re.split("[ L]", path)[-2:])) for path in paths]
    assert ends[0][1] == ends[1][1]
    assert ends[0][0] - 56 == pytest.approx(2 * (ends[1][0] - 56))
    assert len(list(chart.iter(f"{space}circle"))) == 2
