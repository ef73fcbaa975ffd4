"""Which servers are there, in the order of the table?"""

from __future__ import annotations

from tests.servers.dropbear import DROPBEAR
from tests.servers.erlang import ERLANG
from tests.servers.openssh import CHROOT_WITH_KEY, CHROOT_WITH_PASSWORD, GREEN_END, OWN_USER
from tests.servers.proftpd import PROFTPD
from tests.servers.python_servers import ASYNCSSH, CONCH, COPYPARTY, PARAMIKO
from tests.servers.rclone import RCLONE
from tests.servers.server import Kind
from tests.servers.ssh2 import SSH2

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
