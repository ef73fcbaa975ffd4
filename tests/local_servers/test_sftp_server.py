"""Does the SFTP server of the demo and of the tests tell logins as they came, and lock each user in?"""

from __future__ import annotations

import logging
import os
import stat
import sys
import time
from pathlib import Path

import paramiko
import psutil
import pytest

from demo.logins import SPECIAL
from local_servers.free_port import find_free_port
from local_servers.processes import death_notice, start_process, stop_processes
from local_servers.sftp_server import SftpServer, SftpUser, write_config
from tests import PROJECT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def log_in(server: SftpServer, user: str, password: str) -> paramiko.SFTPClient:
    """Log in once; the client closes its transport when it is collected."""
    transport = paramiko.Transport((server.host, server.port))
    transport.connect(username=user, password=password)
    client = paramiko.SFTPClient.from_transport(transport)
    assert client
    return client


def test_the_sftp_server_tells_the_login_exactly_as_it_came(tmp_path: Path) -> None:
    """Tests of credentials rely on it."""
    user = SftpUser(f" {SPECIAL}user ", SPECIAL)
    with SftpServer(tmp_path, [user]) as server:
        log_in(server, user.name, user.password).close()
        with pytest.raises(paramiko.AuthenticationException):
            log_in(server, user.name, SPECIAL.strip())
    attempts = [(attempt.user, attempt.password, attempt.accepted) for attempt in server.logins]
    assert attempts == [(user.name, SPECIAL, True), (user.name, SPECIAL.strip(), False)]


def test_the_sftp_server_locks_each_user_into_a_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody sees another client's files, and a rename leaves a line in the log."""
    caplog.set_level(logging.INFO, "sftp")
    with SftpServer(tmp_path, [SftpUser("a", "x"), SftpUser("../a", "y")]) as server:
        assert server.user_folder("../a").parent == server.user_folder("a").parent
        client = log_in(server, "../a", "y")
        with client.open("/../../.part", "w") as stream:
            stream.write("text")
        client.posix_rename("/.part", "/whole")
        assert (server.user_folder("../a") / "whole").read_text() == "text"
        assert client.listdir("..") == ["whole"]
    assert "renamed /.part to /whole" in caplog.text
    assert "'y'" not in caplog.text


def test_the_sftp_server_runs_as_a_process_with_its_key_and_passwords_kept_private(tmp_path: Path) -> None:
    """The host key stays the same, and no password shows in the list of processes."""
    server = SftpServer(tmp_path, [SftpUser("acme", "pass word")], port=find_free_port())
    key = server.host_key()
    write_config(tmp_path / "config.json", server)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "local_servers.sftp_server",
        "--config",
        tmp_path / "config.json",
    ]
    process = start_process("sftp", command, tmp_path, {**os.environ, "PYTHONPATH": str(PROJECT)})
    while "listening" not in process.log.read_text():
        assert process.is_running(), death_notice(process)
        time.sleep(0.05)
    client = log_in(server, "acme", "pass word")
    channel = client.get_channel()
    assert channel
    assert channel.get_transport().get_remote_server_key().get_base64() == key.split()[1]
    assert "pass word" not in " ".join(psutil.Process(process.pid).cmdline())
    stop_processes([process])
    assert {mode(tmp_path / "host_key"), mode(tmp_path / "config.json")} == {0o600}
