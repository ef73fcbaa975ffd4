"""How is a PostgreSQL folder made, and made reachable for the user that the server runs as?"""

import logging
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from local_servers.processes import ServerError

LONGEST_SOCKET_PATH = 103
_log = logging.getLogger(__name__)


def make_cluster(folder: Path, initdb: Path, user: str | None) -> None:
    """Make `<folder>/data` unless it is there; with `user`, for that user: root may not run PostgreSQL.

    Raises:
        ServerError: when the folder cannot be written, or not be opened for the user.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if user:
            _let_pass(user, folder / "data", initdb)
        if not (folder / "data").exists():
            _run_initdb(folder, initdb, user)
    except OSError as error:
        raise ServerError(f"PostgreSQL's folder cannot be made: {error}") from error


def make_socket_folder(folder: Path, user: str | None) -> Path:
    """Return a private folder for the socket; one elsewhere if its path would pass 103 bytes."""
    if len(os.fsencode(folder / "data" / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return folder / "data"
    socket_folder = Path(tempfile.mkdtemp(prefix="events-", dir="/tmp"))
    _give(socket_folder, user)
    return socket_folder


def _run_initdb(folder: Path, initdb: Path, user: str | None) -> None:
    """Work under a temporary name, then rename: an interrupted initdb leaves no half cluster."""
    partial = folder / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    _give(partial, user)
    options = ["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8"]
    options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command: list[str | Path] = [initdb, "-D", partial, *options]
    group = pwd.getpwnam(user).pw_gid if user else None
    groups: list[int] | None = [] if user else None
    made = subprocess.run(
        command, capture_output=True, text=True, cwd="/", user=user, group=group, extra_groups=groups
    )
    if made.returncode:
        raise ServerError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
    partial.rename(folder / "data")


def _let_pass(user: str, *paths: Path) -> None:
    """Let others pass through the folders above (not list them), as root's own are often closed."""
    for closed in [above for path in paths for above in path.parents if not _is_open(above)]:
        closed.chmod(closed.stat().st_mode | stat.S_IXOTH)
        _log.warning("root may not run PostgreSQL: for the user %s, %s was opened (chmod o+x)", user, closed)


def _is_open(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _give(folder: Path, user: str | None) -> None:
    if user:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
