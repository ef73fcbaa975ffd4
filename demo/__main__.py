"""How is the demo started and stopped? `python -m demo up`, `down`, and `outage`: its SFTP server alone stops."""

import argparse
import fcntl
import os
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
NEEDED_BYTES = 1_500_000_000


def main() -> int:
    """Run one command and return the exit code; every expected failure is a message on stderr."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "outage"])
    command = parser.parse_args().command
    try:
        return run(command, Path(os.environ.get("EVENT_DELIVERY_DEMO") or PROJECT / ".demo").resolve())
    except KeyboardInterrupt:
        return fail("Interrupted. `make demo` goes on, `make demo-down` stops what runs.", 130)
    except OSError as error:
        return fail(f"The demo's folder is not usable: {error}")


def run(command: str, folder: Path) -> int:
    """Run a command in the demo's folder, one at a time."""
    if missing := find_missing_packages():
        return fail(f"Missing packages: {', '.join(missing)}. Run `make install`.")
    import psycopg

    from demo import showcase
    from local_servers.processes import ServerError

    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    free = shutil.disk_usage(folder).free
    if command == "up" and free < NEEDED_BYTES:
        return fail(f"{folder} has {free / 1e9:.1f} GB left; the demo needs {NEEDED_BYTES / 1e9} GB.")
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            {"up": showcase.up, "down": showcase.down, "outage": showcase.outage}[command](folder)
        except BlockingIOError:
            return fail(f"Another `make demo` or `make demo-down` is at work in {folder}: wait for it.")
        except (ServerError, psycopg.Error) as error:
            return fail(f"{str(error).strip()}\n`make demo` tries again, `make demo-down` stops what runs.")
    return 0


def find_missing_packages() -> list[str]:
    """List the packages of requirements.txt and requirements-dev.txt that are not installed here."""
    text = "".join((PROJECT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt"))
    return [name for name in re.findall(r"^[a-z][\w.-]*", text, re.MULTILINE) if not is_installed(name)]


def is_installed(package: str) -> bool:
    """Tell whether a package is installed for this Python."""
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def fail(message: str, code: int = 1) -> int:
    """Print why the demo cannot go on, and return the exit code."""
    print(f"\ndemo: {message}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
