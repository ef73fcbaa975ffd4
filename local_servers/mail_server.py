"""How do mails look that Airflow sends? A real SMTP server (RFC 5321) that keeps what it is sent, or refuses it.

python -m local_servers.mail_server --folder mail --port 2525    a file for each mail
"""

from __future__ import annotations

import argparse
import email
import email.policy
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from html import unescape
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived."""

    to: str
    subject: str
    text: str


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 mail.test ESMTP")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "RCPT":
                to.append(line.split("<")[1].rstrip(">"))
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "DATA":
                self._say("354 go on")
                self.server.take(to, self._read_data())  # type: ignore[attr-defined]
            self._say(self.server.answer(verb, to))  # type: ignore[attr-defined]

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _read_data(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line[1:] if line.startswith(b".") else line for line in lines)


class MailServer(socketserver.ThreadingTCPServer):
    """The server: `refuses` makes it take no mail, `bounces` none to an address.

    A `folder` gets a file for each mail. Port 0: a free one.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0, folder: Path | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.mails: list[Mail] = []
        self.refuses = False
        self.bounces: set[str] = set()
        self.folder = folder

    def answer(self, verb: str, to: list[str]) -> str:
        """Return what is said to a command."""
        if verb == "MAIL" and self.refuses:  # in words that nobody may be told: a server's may hold a secret
            return "451 not now, password=hunter2"
        return "550 no such user" if verb == "RCPT" and to[-1] in self.bounces else "250 OK"

    @property
    def connection(self) -> str:
        """The URL of the Airflow Connection."""
        return connection_to(self.server_address[1])

    def take(self, to: list[str], content: bytes) -> None:
        """Keep a mail."""
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body()
        assert body is not None
        text = unescape(body.get_content().replace("<pre>", "").replace("</pre>", ""))
        self.mails.append(mail := Mail(", ".join(to), message["Subject"], text))
        if self.folder:
            _write(self.folder, mail)


def connection_to(port: int) -> str:
    """Return the URL of the Airflow Connection of a server at this port."""
    return f"smtp://127.0.0.1:{port}/?disable_ssl=true&disable_tls=true&retry_limit=1"


def _write(folder: Path, mail: Mail) -> None:
    """Write a mail behind those that are there, named by its number and subject."""
    number = 1 + sum(1 for _ in folder.glob("*.txt"))
    name = re.sub(r"[^A-Za-z0-9]+", "-", mail.subject).strip("-")[:80]
    text = f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.text}"
    (folder / f"{number:03}-{name}.txt").write_text(text, encoding="utf-8")


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Run a server until the end of the block."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m local_servers.mail_server", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with MailServer(options.port, options.folder) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
