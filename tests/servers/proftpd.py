"""How does ProFTPD's mod_sftp serve, also with the rules that its administrators like to set?"""

from __future__ import annotations

import functools
import grp
import os
import pwd
from pathlib import Path

from servers.account import hash_password
from servers.server import USER, Kind, Server, find_program, prepare_site

_MODULES = Path("/usr/lib/proftpd")
_CLEAN_NAMES = r"PathAllowFilter ^[A-Za-z0-9_/-][A-Za-z0-9_./-]*\.(csv|json)$"


def start_proftpd(folder: Path, rules: list[str]) -> Server:
    """Start ProFTPD as whoever runs the tests, with one user of its own; root locks that user in."""
    site = prepare_site(folder)
    login = f"{USER}:{hash_password()}:{os.getuid()}:{os.getgid()}::{site.files}:/bin/sh\n"
    users = folder / "users"
    users.write_text(login)
    users.chmod(0o600)
    as_root = os.geteuid() == 0
    lines = [
        f"ModulePath {_MODULES}",
        "LoadModule mod_sftp.c",
        "ServerType standalone",
        'ServerName "tests"',
        "UseIPv6 off",
        "UseReverseDNS off",
        "DefaultAddress 127.0.0.1",
        f"Port {site.port}",
        "SocketBindTight on",
        f"User {pwd.getpwuid(os.getuid()).pw_name}",
        f"Group {grp.getgrgid(os.getgid()).gr_name}",
        f"PidFile {folder}/proftpd.pid",
        f"ScoreboardFile {folder}/scoreboard",
        "DelayEngine off",
        f"SystemLog {folder}/system.log",
        "WtmpLog off",
        "TransferLog none",
        "RequireValidShell off",
        "RootLogin on",
        "AuthOrder mod_auth_file.c",
        f"AuthUserFile {users}",
        *(["DefaultRoot ~"] if as_root else []),
        "SFTPEngine on",
        f"SFTPLog {folder}/sftp.log",
        f"SFTPHostKey {site.host_key}",
        "SFTPAuthMethods password",
        "AllowOverwrite on",
        *rules,
    ]
    configuration = folder / "proftpd.conf"
    configuration.write_text("\n".join(lines) + "\n")
    command = [str(find_program("proftpd")), "--nodaemon", "--config", configuration]
    return site.run(command, site.describe_connection("~"))


def _find_lack() -> str:
    found = find_program("proftpd") and (_MODULES / "mod_sftp.so").exists()
    return "" if found else "apt-get install proftpd-core proftpd-mod-crypto"


def _variant(name: str, rule: str, takes_temporary_names: bool = True) -> Kind:
    start = functools.partial(start_proftpd, rules=[rule])
    return Kind(f"ProFTPD, {name}", _find_lack, start, takes_temporary_names)


PROFTPD = (
    Kind("ProFTPD", _find_lack, functools.partial(start_proftpd, rules=[])),
    _variant("HiddenStores", "HiddenStores on"),
    _variant("AllowOverwrite off", "AllowOverwrite off"),
    _variant("only names of *.csv and *.json", _CLEAN_NAMES, takes_temporary_names=False),
)
