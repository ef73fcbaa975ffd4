"""Are servers found, stopped without orphans, and named when they die?"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from local_servers.processes import ServerError, death_notice, find_process, start_process, stop_processes


def test_stopping_a_server_ends_what_a_killed_one_left_behind(tmp_path: Path) -> None:
    """The children of a server that was killed are found by its session."""
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(99)'])"
    server = start_process("parent", [sys.executable, "-c", child], tmp_path)
    while len(server.members()) < 2:
        time.sleep(0.05)
    members = server.members()
    os.kill(server.pid, signal.SIGKILL)
    found = find_process(tmp_path, "parent")
    assert found
    stop_processes([found])
    assert not found.is_running()
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in members)


def test_stopping_spares_a_process_that_has_the_id_of_an_earlier_server(tmp_path: Path) -> None:
    """A record from before a reboot names ids that belong to others now."""
    other = start_process("other", [sys.executable, "-c", "import time; time.sleep(99)"], tmp_path)
    (tmp_path / "stale.json").write_text(json.dumps({"pid": other.pid, "created": other.created - 3600}))
    stale = find_process(tmp_path, "stale")
    assert stale
    assert not stale.is_running()
    stop_processes([stale])
    assert other.is_running()
    stop_processes([other])


def test_a_dead_server_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    """The reader shall not have to look for the log."""
    server = start_process("short", [sys.executable, "-c", "print('no such luck')"], tmp_path)
    while server.is_running():
        time.sleep(0.05)
    assert "short died" in str(death_notice(server))
    assert "no such luck" in str(death_notice(server))


def test_a_server_that_cannot_start_is_an_error_of_its_own(tmp_path: Path) -> None:
    """A missing program does not surface as a bare OSError."""
    with pytest.raises(ServerError, match="ghost cannot be started"):
        start_process("ghost", [tmp_path / "no such program"], tmp_path)
    assert find_process(tmp_path, "ghost") is None
