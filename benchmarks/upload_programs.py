"""How do other programs upload a file, and what does that cost, the programs that they start included?"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.distance import HOST
from benchmarks.upload import Upload
from benchmarks.ways import Work

_PROGRAM_FOLDERS = str(Path(sys.executable).parent)
_PR_SET_CHILD_SUBREAPER = 36


def find_program(name: str) -> str | None:
    """Return the path of a program, of this virtual environment first."""
    return shutil.which(name, path=_PROGRAM_FOLDERS) or shutil.which(name)


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


def adopt_orphans() -> None:
    """Become the parent of what programs leave running: lftp does not wait for its ssh, which works most."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans() -> float:
    """Wait for what programs left running; returns the CPU seconds of them all."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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
