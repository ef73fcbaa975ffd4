"""Where do the demo's destinations lead: which login, password and folder, as which connection?"""

import string
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import yaml

from local_servers.secret_files import keep_secrets, make_password
from local_servers.sftp_server import SftpUser

DESTINATIONS = Path(__file__).resolve().parent / "destinations"
SPECIAL = r""" ][?/<~#\`!@$%^&*()+=}|:";',>{ """


@dataclass(frozen=True)
class Login:
    """What a client told us for one destination; `url_path` is the URL's, `folder` what it means there.

    `mistyped`: the Connection holds another password than the client's server, for the reader to mend.
    """

    destination: str
    user: str
    url_path: str
    folder: str
    mistyped: bool = False

    def connection_uri(self, password: str, port: int, host_key: str) -> str:
        """Return the Connection `sftp_<destination>` as a URI; the client named its server's host key too."""
        typed = password[::-1] if self.mistyped else password
        name, secret = quote(self.user, safe=""), quote(typed, safe="")
        return f"sftp://{name}:{secret}@127.0.0.1:{port}{quote(self.url_path)}?host_key={quote(host_key, safe='')}"

    def local_day(self, now: datetime) -> date:
        """Return the day before `now` where the destination is."""
        return now.astimezone(self._zone()).date() - timedelta(days=1)

    def midnight(self, day: date) -> datetime:
        """Return the first instant of a local day, in UTC."""
        return datetime.combine(day, time(), self._zone()).astimezone(UTC)

    def due(self, day: date) -> datetime:
        """Return the instant at which a local day is to be delivered, in UTC: 02:00 on the next one."""
        return datetime.combine(day + timedelta(days=1), time(2), self._zone()).astimezone(UTC)

    def _zone(self) -> ZoneInfo:
        fields = yaml.safe_load((DESTINATIONS / f"{self.destination}.yaml").read_text())
        return ZoneInfo(fields.get("timezone", "America/New_York"))


LOGINS = [
    Login("acme", "acme", "/incoming/learning", "incoming/learning"),
    Login("harbor_health", "harbor", "", ""),
    Login("riverside", "riverside", "", "", mistyped=True),
    Login("lumen_academy", "lumen academy@files", "", "from events"),
]


def keep_passwords(folder: Path) -> dict[str, str]:
    """Return each destination's password, made on first use; the last one has every special character."""
    makers = {login.destination: make_password for login in LOGINS}
    return keep_secrets(folder / "passwords.json", {**makers, LOGINS[-1].destination: _make_awkward_password})


def make_users(folder: Path) -> list[SftpUser]:
    """Return the users of the SFTP server, each with a folder that is named after the destination."""
    passwords = keep_passwords(folder)
    return [SftpUser(login.user, passwords[login.destination], login.destination) for login in LOGINS]


def _make_awkward_password() -> str:
    middle = make_password().translate(str.maketrans("", "", string.punctuation))
    return SPECIAL[:16] + middle + SPECIAL[16:]
