"""What was seen of each server in this run? A pytest plugin that collects it, prints it and writes it down."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from tests.servers.catalogue import KINDS
from tests.servers.table import ALL, HEADING, PAGE, Row, format_rows, read_rows, write_rows

SERVER, FACTS, LACK = "sftp server", "sftp facts", "sftp lack"
_NOT_SEEN = "not seen"


class Matrix:
    """Collects from the reports, which also come from other processes, and tells at the end."""

    def __init__(self) -> None:
        self.facts: dict[str, list[str]] = {}
        self.promises: dict[str, dict[str, bool]] = defaultdict(dict)
        self.lacks: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in what a test says of a server."""
        said: dict[str, Any] = {str(name): value for name, value in report.user_properties}
        if (name := said.get(SERVER)) is None:
            return
        if FACTS in said:
            self.facts[name] = said[FACTS]
        if LACK in said:
            self.lacks[name] = said[LACK]
        elif "promise" in said and (report.when == "call" or report.failed):
            kept = self.promises[name].get(said["promise"], True)
            self.promises[name][said["promise"]] = kept and report.passed

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Print the table, and who is not in it; write it where asked."""
        rows = {kind.name: self.row(kind.name) for kind in KINDS if kind.name in self.facts}
        if not (rows or self.promises or self.lacks):
            return
        terminalreporter.section("SFTP servers")
        for line in format_rows(rows.values()):
            terminalreporter.write_line(line)
        lacks = {kind.name: kind.find_lack() for kind in KINDS} | self.lacks
        for name, lack in lacks.items():
            if lack:
                terminalreporter.write_line(f"not run here: {name} ({lack})")
        if config.getoption("--write-servers"):
            write_rows(rows, [kind.name for kind in KINDS])
            terminalreporter.write_line(f"{PAGE.name}: {len(rows)} rows written, {len(read_rows())} in all")

    def row(self, name: str) -> Row:
        """Return a server's row of the table."""
        promises = self.promises[name]
        broken = [promise for promise, kept in promises.items() if not kept]
        proven = "not: " + ", ".join(broken) if broken else ALL if promises else _NOT_SEEN
        return (name, *self.facts.get(name, [_NOT_SEEN] * (len(HEADING) - 2)), proven)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer what CI and `make servers` ask for."""
    group = parser.getgroup("SFTP servers")
    group.addoption(
        "--all-servers",
        action="store_true",
        help="fail for what this machine lacks: an SFTP server, a browser, root's rights",
    )
    group.addoption("--write-servers", action="store_true", help="rewrite the table of docs/servers.md")


@pytest.fixture(scope="session")
def give_up(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """End a test for what this machine lacks: left out, but a failure with --all-servers, as in CI."""
    return pytest.fail if request.config.getoption("--all-servers") else pytest.skip


@pytest.fixture(scope="session")
def find_program(give_up: Callable[[str], NoReturn]) -> Callable[[str, str], str]:
    """Return a function that returns a program's path, by its name and the package that brings it."""

    def find(name: str, package: str) -> str:
        return shutil.which(name) or give_up(f"not run here: {name} (apt-get install {package})")

    return find


def pytest_configure(config: pytest.Config) -> None:
    """Start to collect."""
    config.addinivalue_line("markers", "promise(name): what a test proves of each SFTP server")
    config.pluginmanager.register(Matrix(), "sftp-server-matrix")
