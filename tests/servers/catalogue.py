"""Which servers are there, in the order of the table?"""

from __future__ import annotations

from servers.dropbear import DROPBEAR
from servers.erlang import ERLANG
from servers.openssh import CHROOT_WITH_KEY, CHROOT_WITH_PASSWORD, GREEN_END, OWN_USER
from servers.proftpd import PROFTPD
from servers.python_servers import ASYNCSSH, CONCH, COPYPARTY, PARAMIKO
from servers.rclone import RCLONE
from servers.server import Kind
from servers.ssh2 import SSH2

KINDS: tuple[Kind, ...] = (
    OWN_USER,
    CHROOT_WITH_PASSWORD,
    CHROOT_WITH_KEY,
    DROPBEAR,
    GREEN_END,
    *PROFTPD,
    RCLONE,
    ERLANG,
    ASYNCSSH,
    PARAMIKO,
    CONCH,
    SSH2,
    COPYPARTY,
)
