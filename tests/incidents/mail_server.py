"""A real SMTP server (RFC 5321) that keeps what it is sent, or refuses to take it."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from html import unescape


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
            is_refused = verb == "MAIL" and self.server.refuses  # type: ignore[attr-defined]
            self._say("451 not now, password=hunter2" if is_refused else "250 OK")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _read_data(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line[1:] if line.startswith(b".") else line for line in lines)


class MailServer(socketserver.ThreadingTCPServer):
    """The server; `refuses` makes it take no mail."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[Mail] = []
        self.refuses = False

    @property
    def connection(self) -> str:
        """The URL of the Airflow Connection."""
        return f"smtp://127.0.0.1:{self.server_address[1]}/?disable_ssl=true&disable_tls=true&retry_limit=1"

    def take(self, to: list[str], content: bytes) -> None:
        """Keep a mail."""
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body()
        assert body is not None
        text = unescape(body.get_content().replace("<pre>", "").replace("</pre>", ""))
        self.mails.append(Mail(", ".join(to), message["Subject"], text))


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Run a server until the end of the block."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
