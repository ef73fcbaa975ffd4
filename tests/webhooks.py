"""A server that takes by HTTPS what is posted to it, as Slack, PagerDuty and the like do, or refuses it."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.serving import serving

HOST = "127.0.0.1"


class WebhookServer:
    """Listens at `address`; `bodies` holds what was posted, whatever the answer; `status` is the next answer's.

    `certificate`: its own authority's, too (PEM), which a client must be told to trust.
    """

    def __init__(self, certificate: Path) -> None:
        self.bodies: list[str] = []
        self.status = 200
        webhooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                webhooks.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                answer = b'{"status": "success", "dedup_key": "x"}' if "v2" in self.path else b"ok"
                self.send_response(webhooks.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.certificate = certificate
        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"{HOST}:{self.server.server_address[1]}"


@contextmanager
def running_webhooks(folder: Path) -> Iterator[WebhookServer]:
    """Run one for as long as the context lasts; its certificate lies in the folder."""
    webhooks = WebhookServer(_write_certificate(folder / "webhooks.pem"))
    with serving(webhooks.server):
        yield webhooks


def _write_certificate(file: Path) -> Path:
    """Write a key and its certificate for an hour."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    hosts = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    begin = datetime.now(UTC) - timedelta(minutes=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(hours=1))
        .add_extension(hosts, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(pem))
    return file
