"""Which file goes where, and how does one log in there?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.distance import HOST

CONNECTION = "bench"


@dataclass(frozen=True)
class Upload:
    """Which file goes where: `rows` and `destination_id` name our delivery, the paths what the others send."""

    file: str
    remote: str
    rows: int
    destination_id: str
    port: int
    user: str
    private_key: str
    host_key: str

    def known_hosts(self) -> Path:
        """Write the server's key for the programs that read it from a file."""
        path = Path(self.private_key).with_name("known_hosts")
        path.write_text(f"[{HOST}]:{self.port} {self.host_key}\n")
        return path

    def describe(self) -> str:
        """Return it as the argument of another process."""
        return json.dumps(asdict(self))

    def connection(self) -> str:
        """Return the Airflow Connection, the same for both ways that use one."""
        extra = {"private_key": Path(self.private_key).read_text(), "host_key": self.host_key}
        fields = {"conn_type": "sftp", "host": HOST, "port": self.port, "login": self.user, "extra": extra}
        return json.dumps(fields | {"schema": str(Path(self.remote).parent).lstrip("/")})
