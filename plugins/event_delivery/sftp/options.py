"""What do we offer a server: ciphers, ways to log in, and nothing that was not configured?"""

from __future__ import annotations

from typing import Any

import asyncssh

from event_delivery.limits import LIMITS
from event_delivery.sftp.compression import bound_inflation
from event_delivery.sftp.login import Login
from event_delivery.sftp.server import Server

_CIPHERS = [
    "aes128-gcm@openssh.com",  # the fastest where processors have AES
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
]
_LEGACY_CIPHERS = ["aes256-cbc", "aes192-cbc", "aes128-cbc", "3des-cbc"]
_LEGACY_KEX = "diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1"


def choose_options(
    server: Server, login: Login, keys: list[asyncssh.SSHKey] | None, compress: bool, algorithms: list[str]
) -> dict[str, Any]:
    """Return AsyncSSH's options: no agent, no ~/.ssh, no configuration file.

    `keys` are the private keys to offer, `algorithms` those of the host key, best first.
    """
    legacy = server.legacy_algorithms
    bound_inflation()
    return {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "client_factory": lambda: login,
        "client_keys": keys,
        "known_hosts": ([], [], []),
        "server_host_key_algs": algorithms,
        "kex_algs": f"+{_LEGACY_KEX}" if legacy else "-*sha1*",
        "encryption_algs": _CIPHERS + (_LEGACY_CIPHERS if legacy else []),
        "signature_algs": () if legacy else "-ssh-rsa,ssh-dss",
        "compression_algs": ["zlib@openssh.com", "none"] if compress else ["none"],
        "preferred_auth": "publickey,password,keyboard-interactive",
        "agent_path": None,
        "config": None,
        "gss_host": None,
        "login_timeout": 2 * LIMITS.connect,  # ours ends it before
    }
