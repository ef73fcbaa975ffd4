"""How does a whole server differ from others: what it can, what it allows, who takes its files?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.sftp_logins import PASSWORD

OLD_ALGORITHMS = {
    "kex_algs": ["diffie-hellman-group14-sha1"],
    "encryption_algs": ["aes128-cbc"],
    "mac_algs": ["hmac-sha1"],
    "compression_algs": ["none"],
}

SIGNATURE = b"signed"  # what a gateway that rewrites files adds


@dataclass(frozen=True)
class Behaviour:
    """What a server is like; the defaults are a friendly one with the writes of 32 KiB that all know."""

    posix_rename: bool = True
    fsync: bool = True
    limits: bool = False  # OpenSSH's extension that allows writes of more than 32 KiB
    may_rename: bool = True
    replaces: bool = False  # plain rename onto an existing file, instead of refusing it
    overwrites: bool = True  # False: no existing name may be opened, renamed onto or removed
    readable: bool = True  # False: a drop box; stat, lstat, listing and removing are denied
    removable: bool = True
    claims_removal: bool = False  # every removal is answered OK, and does nothing
    ignores_case: bool = False
    locked_seconds: float = 0.0  # a scanner holds a file after CLOSE; until then it cannot be renamed
    refused_names: str = ""  # wildcards: such names cannot be opened
    robot: str = ""  # wildcards: a robot takes files of such names away
    robot_at: tuple[str, ...] = ("close", "rename")
    robot_copies: bool = False  # it leaves the file where it is
    robot_delay: float = 0.0  # seconds
    renames: bool = True  # False: a rename is answered OK, and does nothing
    rename_copies: bool = False  # the old name stays, too, as on a server before an object store
    discards: str = ""  # wildcards: such files vanish after CLOSE
    tells_missing: bool = False  # stat says "no such file" of every file
    rewrites: bool = False  # a gateway changes every file after CLOSE
    disk_bytes: int | None = None
    free_bytes: int | None = None  # what statvfs tells, instead of the truth
    quota_at_close: bool = False
    max_write: int = 1 << 20
    folders_appear: bool = True  # mkdir is allowed
    password: str = PASSWORD
    password_expired: bool = False
    methods: tuple[str, ...] = ("password",)  # also keyboard-interactive; publickey first means both are wanted
    public_key: Any = None
    old_algorithms: bool = False
    extensions: frozenset[bytes] = field(default=frozenset())  # not offered
