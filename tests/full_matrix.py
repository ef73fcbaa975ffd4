"""Which cases of a large matrix run every day, and which only when all of them are asked for?

A test that is marked `matrix(aspect, ...)` runs on a sample of its cases: few, the same ones every time, and so
chosen that every value of each aspect occurs. An aspect is a function of the test's parameters, taken by name, and
of `test`, its name; the mark of a module makes one sample of all its tests.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from typing import Any

import pytest

OPTION = "--full-matrix"
_LEFT_OUT = "matrix cases left out"


class FullMatrix:
    """Leaves cases out, and tells at the end how many, also when other processes did."""

    def __init__(self) -> None:
        self.left_out = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the samples, unless all cases or a single one were asked for."""
        if config.getoption(OPTION) or any("[" in argument for argument in config.args):
            return
        families: dict[int, list[tuple[pytest.Item, Set[Hashable]]]] = defaultdict(list)
        for item in items:
            marker = item.get_closest_marker("matrix")
            parameters = item.callspec.params if hasattr(item, "callspec") else None
            if marker and parameters:
                values = find_values(marker.args, {**parameters, "test": item.name.partition("[")[0]})
                families[id(marker)].append((item, values))
        extra: set[pytest.Item] = set()
        for family in families.values():
            chosen = choose_sample([values for _, values in family])
            extra |= {item for number, (item, _) in enumerate(family) if number not in chosen}
        self.left_out = len(extra)
        config.hook.pytest_deselected(items=[item for item in items if item in extra])
        items[:] = [item for item in items if item not in extra]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over to the first process what this one left out."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_LEFT_OUT] = self.left_out

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what another process left out: each of them collects all, and leaves out the same."""
        self.left_out = getattr(node, "workeroutput", {}).get(_LEFT_OUT, self.left_out)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say that something did not run, and how it would."""
        if self.left_out:
            terminalreporter.section("a sample of the matrices")
            terminalreporter.write_line(f"{self.left_out:,} cases left out; `make test-all` runs them ({OPTION})")


def find_values(aspects: Sequence[Callable[..., Hashable]], parameters: Mapping[str, Any]) -> Set[Hashable]:
    """Return what a case stands for: each aspect's number and value."""
    return {
        (number, aspect(*(parameters[name] for name in inspect.signature(aspect).parameters)))
        for number, aspect in enumerate(aspects)
    }


def choose_sample(values: Sequence[Set[Hashable]]) -> set[int]:
    """Choose cases until every value has occurred: each time the first of those that add most."""
    missing = {value for each in values for value in each}
    chosen: set[int] = set()
    while missing:
        best = max(range(len(values)), key=lambda number: len(values[number] & missing))
        chosen.add(best)
        missing -= values[best]
    return chosen


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer what `make test-all`, `make servers` and `make faults` ask for."""
    parser.addoption(OPTION, action="store_true", help="run every case of the large matrices, not a sample")


def pytest_configure(config: pytest.Config) -> None:
    """Explain the mark, and start to choose."""
    config.addinivalue_line("markers", "matrix(aspect, ...): one case of many; every value of each aspect runs")
    config.pluginmanager.register(FullMatrix(), "full-matrix")
