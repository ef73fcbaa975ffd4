"""What does a server offer, and how does it answer, asked with plain AsyncSSH?"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import asyncssh

from tests.servers.server import Server

_INIT, _VERSION = 1, 2


@dataclass(frozen=True)
class Facts:
    """The columns of the table that tell what a server is like; `software` is for the reader alone."""

    software: str
    temporary_name: str
    posix_rename: str
    rename: str
    largest_write: str
    fsync: str
    hash: str
    missing: str


async def probe_server(server: Server) -> Facts:
    """Log in, ask what is offered, and try it out in the folder where files arrive; nothing is left there."""
    connection = json.loads(server.connection)
    async with _connect(connection) as line:
        names = await _read_extensions(line)
    async with _connect(connection) as line, line.start_sftp_client() as sftp:
        await sftp.chdir(_remote_folder(connection["schema"]))
        return Facts(
            software=_shorten(str(line.get_extra_info("server_version"))),
            temporary_name=await _try_name(sftp, ".probe.csv.1.part"),
            posix_rename=await _try_rename(sftp, sftp.posix_rename),
            rename=await _try_rename(sftp, sftp.rename),
            largest_write=_tell_size(sftp.limits.max_write_len) if "limits@openssh.com" in names else "not told",
            fsync="yes" if "fsync@openssh.com" in names else "no",
            hash=", ".join(sorted(name for name in names if _is_hash(name))) or "no",
            missing=await _stat_missing(sftp),
        )


def _connect(connection: dict[str, Any]) -> Any:
    key = connection.get("extra", {}).get("private_key")
    return asyncssh.connect(
        connection["host"],
        connection["port"],
        username=connection["login"],
        password=connection.get("password"),
        client_keys=[asyncssh.import_private_key(key)] if key else None,
        known_hosts=None,
        config=None,
        agent_path=None,
    )


async def _read_extensions(line: asyncssh.SSHClientConnection) -> set[str]:
    """Greet as an SFTP client of version 3, and return the names that the server answers with."""
    process = await line.create_process(subsystem="sftp", encoding=None)
    process.stdin.write(b"\0\0\0\5" + bytes([_INIT]) + b"\0\0\0\3")
    size = int.from_bytes(await process.stdout.readexactly(4))
    answer = await process.stdout.readexactly(size)
    process.close()
    if answer[0] != _VERSION:
        raise RuntimeError(f"found SFTP packet {answer[0]}, wanted {_VERSION}")
    texts, rest = [], answer[5:]
    while rest:
        end = 4 + int.from_bytes(rest[:4])
        texts.append(rest[4:end].decode(errors="replace"))
        rest = rest[end:]
    return set(texts[::2])


async def _try_name(sftp: asyncssh.SFTPClient, name: str) -> str:
    try:
        async with sftp.open(name, "wb") as file:
            await file.write(b"probe")
    except asyncssh.SFTPError as error:
        return f"refuses ({_status(error)})"
    await sftp.remove(name)
    return "takes"


async def _try_rename(sftp: asyncssh.SFTPClient, rename: Any) -> str:
    """Rename onto a file that is there; the names are what every server and every rule allows."""
    old, new = "probe-old.csv", "probe-new.csv"
    try:
        for name in (old, new):
            async with sftp.open(name, "wb") as file:
                await file.write(name.encode())
        try:
            await rename(old, new)
        except asyncssh.SFTPOpUnsupported:
            return "not offered"
        except asyncssh.SFTPError as error:
            return f"refuses ({_status(error)})"
        async with sftp.open(new, "rb") as file:
            return "replaces" if await file.read() == old.encode() else "does nothing"
    finally:
        for name in (old, new):
            if await sftp.exists(name):
                await sftp.remove(name)


async def _stat_missing(sftp: asyncssh.SFTPClient) -> str:
    try:
        await sftp.stat("probe-missing.csv")
    except asyncssh.SFTPError as error:
        return _status(error)
    return "found"


def _status(error: asyncssh.SFTPError) -> str:
    words = re.findall("[A-Z][a-z]*", type(error).__name__.removeprefix("SFTP"))
    return " ".join(words).lower()


def _shorten(banner: str) -> str:
    """Return the software's name and version from the line that it greets with."""
    return banner.removeprefix("SSH-2.0-").split()[0]


def _tell_size(count: int) -> str:
    return f"{count // 1024} KiB"


def _is_hash(name: str) -> bool:
    return any(word in name for word in ("hash", "md5", "sha1", "sha256", "check-file"))


def _remote_folder(path: str) -> str:
    if path in ("", "~"):
        return "."
    return f"/{path}"
