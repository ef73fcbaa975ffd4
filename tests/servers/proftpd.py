"""How does ProFTPD's mod_sftp serve, also with the rules that its administrators like to set?"""

from __future__ import annotations

import functools
import grp
import os
import pwd
from pathlib import Path

from tests.servers.account import hash_password
from tests.servers.server import USER, Kind, Server, Site, find_program, prepare_site

_MODULES = Path("/usr/lib/proftpd")
_CLEAN_NAMES = r"PathAllowFilter ^[A-Za-z0-9_/-][A-Za-z0-9_./-]*\.(csv|json)$"
_CONFIGURATION = """\
ModulePath {modules}
LoadModule mod_sftp.c
ServerType standalone
ServerName "tests"
UseIPv6 off
UseReverseDNS off
DefaultAddress 127.0.0.1
Port {site.port}
SocketBindTight on
User {user}
Group {group}
PidFile {site.folder}/proftpd.pid
ScoreboardFile {site.folder}/scoreboard
DelayEngine off
SystemLog {site.folder}/system.log
WtmpLog off
TransferLog none
RequireValidShell off
RootLogin on
AuthOrder mod_auth_file.c
AuthUserFile {site.folder}/users
SFTPEngine on
SFTPLog {site.folder}/sftp.log
SFTPHostKey {site.host_key}
SFTPAuthMethods password
"""


def start_proftpd(folder: Path, rules: list[str]) -> Server:
    """Start ProFTPD as whoever runs the tests, with one user of its own; root locks that user in."""
    site = prepare_site(folder)
    users = folder / "users"
    users.write_text(f"{USER}:{hash_password()}:{os.getuid()}:{os.getgid()}::{site.files}:/bin/sh\n")
    users.chmod(0o600)
    if os.geteuid() == 0:
        rules = [*rules, "DefaultRoot ~"]
    command = [str(find_program("proftpd")), "--nodaemon", "--config", _write_configuration(site, rules)]
    return site.run(command, site.describe_connection("~"))


def _write_configuration(site: Site, rules: list[str]) -> Path:
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    text = _CONFIGURATION.format(modules=_MODULES, site=site, user=user, group=group)
    path = site.folder / "proftpd.conf"
    path.write_text(text + "\n".join(rules) + "\n")
    return path


def _find_lack() -> str:
    found = find_program("proftpd") and (_MODULES / "mod_sftp.so").exists()
    return "" if found else "apt-get install proftpd-core proftpd-mod-crypto"


def _describe(name: str, *rules: str, takes_temporary_names: bool = True) -> Kind:
    return Kind(name, _find_lack, functools.partial(start_proftpd, rules=list(rules)), takes_temporary_names)


PROFTPD = (
    _describe("ProFTPD", "AllowOverwrite on"),
    _describe("ProFTPD, HiddenStores, AllowOverwrite off", "AllowOverwrite off", "HiddenStores on"),
    _describe(
        "ProFTPD, only names of *.csv and *.json", "AllowOverwrite on", _CLEAN_NAMES, takes_temporary_names=False
    ),
)
