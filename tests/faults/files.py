"""What becomes of each SFTP request: recorded, perhaps struck by a fault, done as such a server does it?"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import posixpath
import shutil
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from tests.faults.behaviour import SIGNATURE
from tests.faults.fault import SIZES, STATUSES, Fault

if TYPE_CHECKING:
    from tests.faults.server import FaultyServer


@dataclass(frozen=True)
class Operation:
    """One request of a client, in the order of arrival, and what became of it."""

    connection: int
    name: str
    path: str
    result: str  # "done", the name of an error, or the fault that struck
    start: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Visit:
    """A request on its way through: what it wants, and how that is done."""

    name: str
    path: bytes
    act: Callable[[], Any]
    start: int
    size: int


class Line:
    """One client's connection, which faults can spoil."""

    def __init__(self, number: int, connection: Any) -> None:
        self.number = number
        self._connection = connection
        self.lost = asyncio.Event()

    def cut(self, how: str) -> None:
        """End it: `reset`, `end` (an orderly TCP end without a word) or `disconnect` (SSH's own farewell)."""
        sock = self._connection.get_extra_info("socket")
        if self.lost.is_set() or sock is None:
            return
        if how == "disconnect":
            self._connection.disconnect(asyncssh.DISC_BY_APPLICATION, "the server goes down")
            return
        if how == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._connection.abort()


class FaultyFiles(asyncssh.SFTPServer):
    """The SFTP requests of one session."""

    def __init__(self, channel: Any, server: FaultyServer, line: Line) -> None:
        super().__init__(channel, chroot=os.fsencode(server.folder))
        self._server = server
        self._line = line
        self.leaving = False  # what asyncssh itself closes after a lost line is no request

    def map_path(self, path: bytes) -> bytes:
        local = Path(os.fsdecode(super().map_path(path)))
        if self._server.behaviour.ignores_case and local.parent.is_dir() and not local.exists():
            twins = [other for other in local.parent.iterdir() if other.name.lower() == local.name.lower()]
            local = twins[0] if twins else local
        return os.fsencode(local)

    async def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        def act() -> Any:
            self._refuse(any(fnmatchcase(_name(path), p) for p in self._kind.refused_names.split()))
            writing = pflags & asyncssh.FXF_WRITE
            self._refuse(bool(writing) and not self._kind.overwrites and self._exists(path))
            return super(FaultyFiles, self).open(path, pflags, attrs)

        return await self._visit("open", path, act)

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        def act() -> Any:
            self._refuse(not self._kind.readable)
            return super(FaultyFiles, self).read(file_obj, offset, size)

        return await self._visit("read", self._path_of(file_obj), act, offset, size)

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        def act() -> Any:
            if len(data) > self._kind.max_write:
                raise asyncssh.SFTPBadMessage("packet too large")
            limit = self._kind.disk_bytes
            if limit is not None and self._server.used_bytes() + len(data) > limit:
                raise asyncssh.SFTPNoSpaceOnFilesystem("no space left on device")
            return super(FaultyFiles, self).write(file_obj, offset, data)

        return await self._visit("write", self._path_of(file_obj), act, offset, len(data))

    async def fsync(self, file_obj: Any) -> None:
        await self._visit("fsync", self._path_of(file_obj), lambda: super(FaultyFiles, self).fsync(file_obj))

    async def close(self, file_obj: Any) -> None:
        path = self._path_of(file_obj)
        if self.leaving:
            file_obj.close()
            return

        def act() -> None:
            size = os.fstat(file_obj.fileno()).st_size
            written = file_obj.writable()
            file_obj.close()
            self._server.closed_at[self.map_path(path)] = time.monotonic()
            if self._kind.quota_at_close:
                os.truncate(self.map_path(path), size // 2)
                raise asyncssh.SFTPQuotaExceeded("quota exceeded")
            if self._kind.rewrites and written:
                local = Path(os.fsdecode(self.map_path(path)))
                local.write_bytes(local.read_bytes() + SIGNATURE)
            if any(fnmatchcase(_name(path), wildcard) for wildcard in self._kind.discards.split()):
                Path(os.fsdecode(self.map_path(path))).unlink()
            else:
                self._offer_to_robot("close", path)

        await self._visit("close", path, act)

    async def stat(self, path: bytes) -> Any:
        return await self._visit("stat", path, lambda: self._look(super(FaultyFiles, self).stat, path))

    async def lstat(self, path: bytes) -> Any:
        return await self._visit("lstat", path, lambda: self._look(super(FaultyFiles, self).lstat, path))

    async def fstat(self, file_obj: Any) -> Any:
        act = lambda: self._look(super(FaultyFiles, self).fstat, file_obj)  # noqa: E731
        return await self._visit("fstat", self._path_of(file_obj), act)

    async def scandir(self, path: bytes) -> AsyncIterator[Any]:
        def act() -> Any:
            self._refuse(not self._kind.readable)
            return super(FaultyFiles, self).scandir(path)

        async for name in await self._visit("list", path, act):
            yield name

    async def remove(self, path: bytes) -> None:
        def act() -> None:
            if self._kind.claims_removal:
                return
            self._refuse(not (self._kind.readable and self._kind.removable and self._kind.overwrites))
            super(FaultyFiles, self).remove(path)

        await self._visit("remove", path, act)

    async def mkdir(self, path: bytes, attrs: Any) -> None:
        def act() -> None:
            self._refuse(not self._kind.folders_appear)
            super(FaultyFiles, self).mkdir(path, attrs)

        await self._visit("mkdir", path, act)

    async def realpath(self, path: bytes) -> bytes:
        return await self._visit("realpath", path, lambda: super(FaultyFiles, self).realpath(path))

    async def setstat(self, path: bytes, attrs: Any) -> None:
        await self._visit("setstat", path, lambda: super(FaultyFiles, self).setstat(path, attrs))

    def statvfs(self, path: bytes) -> Any:
        free = self._kind.free_bytes
        return super().statvfs(path) if free is None else asyncssh.SFTPVFSAttrs(bsize=1, frsize=1, bavail=free)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        def act() -> None:
            self._refuse_rename(oldpath, newpath)
            if not self._kind.renames:
                return
            if self._kind.replaces:
                super(FaultyFiles, self).posix_rename(oldpath, newpath)
            else:
                super(FaultyFiles, self).rename(oldpath, newpath)
            self._offer_to_robot("rename", newpath)

        await self._visit("rename", newpath, act)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        def act() -> None:
            if not self._kind.posix_rename:
                raise asyncssh.SFTPOpUnsupported("posix-rename")
            self._refuse_rename(oldpath, newpath)
            if not self._kind.renames:
                return
            if self._kind.rename_copies:
                shutil.copyfile(self.map_path(oldpath), self.map_path(newpath))
            else:
                super(FaultyFiles, self).posix_rename(oldpath, newpath)
            self._offer_to_robot("rename", newpath)

        await self._visit("posix_rename", newpath, act)

    @property
    def _kind(self) -> Any:
        return self._server.behaviour

    async def _visit(self, name: str, path: bytes, act: Callable[[], Any], start: int = 0, size: int = 0) -> Any:
        self._server.visiting += 1
        try:
            return await self._visit_once(Visit(name, path, act, start, size))
        finally:
            self._server.observe()
            self._server.visiting -= 1

    async def _visit_once(self, visit: Visit) -> Any:
        fault = self._server.script.take(visit.name, _name(visit.path), (visit.start, visit.start + visit.size))
        after = fault is not None and fault.after
        try:
            if fault and not after and fault.what not in SIZES:
                await self.strike(fault, visit.act)
            answer = visit.act()
            answer = await answer if inspect.isawaitable(answer) else answer
            self._server.observe()
        except (asyncssh.SFTPError, OSError) as error:
            self._record(visit, fault.what if fault else _word(error))
            if not after:
                raise
        else:
            self._record(visit, fault.what if fault else "done")
        if fault and after:
            await self.strike(fault, lambda: None)
        elif fault and fault.what in SIZES:
            answer = _with_size(answer, fault.what)
            self._server.script.tell(fault)
        return answer

    def _record(self, visit: Visit, result: str) -> None:
        operation = Operation(
            self._line.number, visit.name, os.fsdecode(visit.path), result, visit.start, visit.size
        )
        self._server.operations.append(operation)

    async def strike(self, fault: Fault, act: Callable[[], Any]) -> None:
        """Answer an error, or spoil the line so that no answer comes."""
        if fault.what != "slow":
            self._server.script.tell(fault)
        if fault.what in STATUSES:
            raise STATUSES[fault.what](f"the server says: {fault.what}")
        if fault.what == "slow":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._line.lost.wait(), fault.seconds)
            self._server.script.tell(fault)
            return
        if fault.what == "disturbance":
            await asyncio.to_thread(fault.meanwhile)
            return
        if fault.what in ("hang", "late"):
            await self._line.lost.wait()
            await asyncio.sleep(fault.seconds)
            if fault.what == "late":
                act()
        else:
            self._line.cut(fault.what)
        raise asyncssh.SFTPConnectionLost(fault.what)

    def _look(self, stat: Callable[[Any], Any], what: Any) -> Any:
        self._refuse(not self._kind.readable)
        attrs = asyncssh.SFTPAttrs.from_local(stat(what))
        if self._kind.tells_missing and attrs.type == asyncssh.FILEXFER_TYPE_REGULAR:
            raise asyncssh.SFTPNoSuchFile("no such file")
        return attrs

    def _exists(self, path: bytes) -> bool:
        return Path(os.fsdecode(self.map_path(path))).exists()

    def _refuse(self, refused: bool) -> None:
        if refused:
            raise asyncssh.SFTPPermissionDenied("permission denied")

    def _refuse_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._refuse(not self._kind.may_rename)
        self._refuse(not self._kind.overwrites and self._exists(newpath))
        closed = self._server.closed_at.get(self.map_path(oldpath), 0.0)
        if time.monotonic() - closed < self._kind.locked_seconds:
            raise asyncssh.SFTPFailure("the process cannot access the file: another process uses it")

    def _offer_to_robot(self, occasion: str, path: bytes) -> None:
        """Let the robot take a file away, at once or a moment later."""
        if occasion in self._kind.robot_at and any(fnmatchcase(_name(path), p) for p in self._kind.robot.split()):
            local = Path(os.fsdecode(self.map_path(path)))
            if self._kind.robot_delay:
                asyncio.get_running_loop().call_later(self._kind.robot_delay, self._take, local)
            else:
                self._take(local)

    def _take(self, local: Path) -> None:
        """Take a file, under a number, so that copies can be counted."""
        copy = self._server.taken / f"{len(list(self._server.taken.iterdir())):04}-{local.name}"
        if local.exists():
            shutil.copyfile(local, copy) if self._kind.robot_copies else local.rename(copy)

    def _path_of(self, file_obj: Any) -> bytes:
        return self.reverse_map_path(os.fsencode(file_obj.name))


def _name(path: bytes) -> str:
    return posixpath.basename(os.fsdecode(path))


def _word(error: Exception) -> str:
    return next((word for word, kind in STATUSES.items() if type(error) is kind), type(error).__name__)


def _with_size(attrs: Any, what: str) -> Any:
    change = SIZES[what]
    attrs.size = None if change is None else (attrs.size + change if change else 0)
    return attrs
