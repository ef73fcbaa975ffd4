"""Do pip and uv trust the same authorities, behind a proxy that has one of its own?"""

from __future__ import annotations

import datetime as dt
import os
import shlex
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import PROJECT

PROBE = """
probe:
	@echo system certificates: $$UV_SYSTEM_CERTS
	@echo wanted | $(UV) pip compile --quiet --no-cache --index-url $(INDEX) -
"""
TRUSTED = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")


@dataclass
class Index:
    """A package index over TLS that has no package, and what it was asked for."""

    url: str
    bundle: Path
    asked: list[str] = field(default_factory=list)


def make_authority(folder: Path) -> Path:
    """Write a key and a certificate that signs itself, for `localhost`, into one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    (folder / "bundle.pem").write_bytes(certificate.public_bytes(pem))
    return folder / "bundle.pem"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index whose certificate only its own authority has signed."""
    bundle = make_authority(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle, tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    index = Index(f"https://localhost:{server.server_port}/simple", bundle)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield index
    server.shutdown()
    server.server_close()


def run_probe(index: Index, **environment: str) -> subprocess.CompletedProcess[str]:
    """Let `make` resolve a package of the index by uv as its targets call it."""
    kept = {name: value for name, value in os.environ.items() if name not in (*TRUSTED, "UV_SYSTEM_CERTS")}
    kept |= {"NO_PROXY": "localhost", "no_proxy": "localhost"} | environment
    command = [
        "make",
        "-s",
        "-f",
        "Makefile",
        "-f",
        "-",
        f"INDEX={index.url}",
        f"BIN={shlex.quote(str(Path(sys.executable).parent))}",
    ]
    return subprocess.run(
        [*command, "probe"], input=PROBE, env=kept, cwd=PROJECT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("name", TRUSTED)
def test_uv_trusts_the_bundle_that_pip_is_given(index, name):
    """By whichever variable pip or OpenSSL is told of it."""
    done = run_probe(index, **{name: str(index.bundle)})
    assert index.asked, done.stderr
    assert "UnknownIssuer" not in done.stderr


def test_uv_asks_for_the_systems_certificates_else(index):
    """Not only for those that it brings; a stranger's authority is none of them."""
    done = run_probe(index)
    assert "system certificates: true" in done.stdout
    assert index.asked == []
