"""Is a process still the one that was recorded, which others did it leave, and how does it end for certain?"""

import contextlib
import os
import time

import psutil

CLOCK_TOLERANCE = 30.0


def is_alive(pid: int, created: float) -> bool:
    """Tell whether this process lives still, and is not a later one with the same id, or a zombie."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - created) < CLOCK_TOLERANCE
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def session_members(pid: int, created: float) -> list[psutil.Process]:
    """List the living processes of the session that this process opened, those of a dead leader too."""
    if created < _computer_started():
        return []
    session = [process for process in psutil.process_iter() if _session(process.pid) == pid]
    leaders = [process.create_time() for process in session if process.pid == pid]
    reused = any(abs(found - created) >= CLOCK_TOLERANCE for found in leaders)
    return [] if reused else session


def kill_process(process: psutil.Process) -> None:
    """Kill one process and wait up to 5 s until it is gone, or a zombie that its parent leaves unburied."""
    deadline = time.monotonic() + 5
    while is_alive(process.pid, process.create_time()) and time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        time.sleep(0.02)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _computer_started() -> float:
    """Return the start of the computer or of the container, in seconds since 1970."""
    try:
        return max(psutil.boot_time(), psutil.Process(1).create_time())
    except psutil.Error:
        return psutil.boot_time()
