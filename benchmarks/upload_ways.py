"""In which ways can a file be uploaded? Each runs alone: `python -m benchmarks.upload_ways WAY UPLOAD`."""

from __future__ import annotations

import json
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import ROOT
from benchmarks.distance import HOST
from benchmarks.ways import Work, measure

_PROGRAM_FOLDERS = str(Path(sys.executable).parent)


@dataclass(frozen=True)
class Upload:
    """Which file goes where: `rows` and `destination_id` name our delivery, the paths what the others send."""

    file: str
    remote: str
    rows: int
    destination_id: str
    port: int
    user: str
    private_key: str
    host_key: str

    def known_hosts(self) -> Path:
        """Write the server's key for the programs that read it from a file."""
        path = Path(self.private_key).with_name("known_hosts")
        path.write_text(f"[{HOST}]:{self.port} {self.host_key}\n")
        return path

    def connection(self) -> str:
        """Return the Airflow Connection, the same for both ways that use one."""
        extra = {"private_key": Path(self.private_key).read_text(), "host_key": self.host_key}
        fields = {"conn_type": "sftp", "host": HOST, "port": self.port, "login": self.user, "extra": extra}
        return json.dumps(fields | {"schema": str(Path(self.remote).parent).lstrip("/")})


def main() -> None:
    """Prepare one way, measure from its connecting to its end, and print the figures as JSON."""
    way, upload = sys.argv[1], Upload(**json.loads(sys.argv[2]))
    prepare = WAYS[way]
    work = prepare(upload)
    who = resource.RUSAGE_SELF if prepare in (prepare_ours, prepare_stock) else resource.RUSAGE_CHILDREN
    print(json.dumps(measure(work, who)))


def describe(upload: Upload) -> str:
    """Return an upload as the argument of this module."""
    return json.dumps(asdict(upload))


def find_program(name: str) -> str | None:
    """Return the path of a program, of this virtual environment first."""
    return shutil.which(name, path=_PROGRAM_FOLDERS) or shutil.which(name)


def prepare_ours(upload: Upload) -> Work:
    """Import what a forked task has imported already, and return the work of the task `upload`."""
    import logging

    _import_preloaded()
    from benchmarks.upload_file import uploaded_delivery
    from event_delivery.upload import deliver_file

    delivery = uploaded_delivery(upload.rows, upload.destination_id)
    log = logging.getLogger("bench")

    def work() -> dict[str, float]:
        deliver_file(delivery, "bench", "bench", False, log)
        return {}

    return work


def prepare_stock(upload: Upload) -> Work:
    """Return the upload as Airflow's SFTP hook does it with the provider's defaults."""
    _import_preloaded()
    from airflow.providers.sftp.hooks.sftp import SFTPHook

    from benchmarks.upload_file import CONNECTION

    hook = SFTPHook(CONNECTION)

    def work() -> dict[str, float]:
        with hook.get_managed_conn():
            hook.store_file(upload.remote, upload.file)
        return {}

    return work


def prepare_openssh(upload: Upload) -> Work:
    """Return the upload with `sftp`, which reads the way to the server from its options alone."""
    command = [_program("sftp"), "-q", "-b", "-", *_ssh_options(upload), "-P", str(upload.port)]
    put = f'put "{upload.file}" "{upload.remote}"\n'
    return _run([*command, f"{upload.user}@{HOST}"], put)


def prepare_lftp(upload: Upload) -> Work:
    """Return the upload with `lftp`, which starts `ssh` itself."""
    ssh = shlex.join([_program("ssh"), "-a", "-x", *_ssh_options(upload)])
    script = (
        f"set sftp:connect-program '{ssh}'; open -u {upload.user}, sftp://{HOST}:{upload.port}; "
        f'put "{upload.file}" -o "{upload.remote}"; bye'
    )
    return _run([_program("lftp"), "--norc", "-c", script])


def prepare_rclone(upload: Upload) -> Work:
    """Return the upload with `rclone`, without a checksum on the server: no other way has one."""
    options = {
        "config": "", "sftp-host": HOST, "sftp-port": str(upload.port), "sftp-user": upload.user,
        "sftp-key-file": upload.private_key, "sftp-known-hosts-file": str(upload.known_hosts()),
    }  # fmt: skip
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    flags += ["--sftp-disable-hashcheck", "--ignore-times"]
    return _run([_program("rclone"), "copyto", upload.file, f":sftp:{upload.remote}", *flags])


WAYS: dict[str, Callable[[Upload], Work]] = {
    "ours": prepare_ours,
    "stock": prepare_stock,
    "openssh": prepare_openssh,
    "rclone": prepare_rclone,
    "lftp": prepare_lftp,
}


def _import_preloaded() -> None:
    """Import what config/airflow_local_settings.py has imported before tasks are forked."""
    import importlib

    sys.path.append(str(ROOT / "config"))
    for name in importlib.import_module("airflow_local_settings").PRELOADED:
        importlib.import_module(name)
    from airflow.sdk import Connection

    from benchmarks.upload_file import CONNECTION

    Connection.get(CONNECTION)


def _program(name: str) -> str:
    path = find_program(name)
    if not path:
        raise FileNotFoundError(name)
    return path


def _ssh_options(upload: Upload) -> list[str]:
    options = {"UserKnownHostsFile": str(upload.known_hosts()), "IdentitiesOnly": "yes", "BatchMode": "yes"}
    settings = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    return ["-F", "none", "-i", upload.private_key, *settings]


def _run(command: Sequence[str], script: str = "") -> Work:
    def work() -> dict[str, float]:
        run = subprocess.run(command, input=script, text=True, capture_output=True)
        if run.returncode:
            sys.exit(run.stderr or run.stdout)
        return {}

    return work


if __name__ == "__main__":
    main()
