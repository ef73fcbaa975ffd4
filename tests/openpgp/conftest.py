"""Keys as a client and an operator make them, known to Airflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from event_delivery.destinations import Destination
from tests.openpgp.gpg import KeyRing, open_key_ring
from tests.sample_events import COMPANY


@pytest.fixture(scope="session")
def gpg(find_program: Callable[[str, str], str]) -> str:
    """GnuPG, which opens what was encrypted."""
    return find_program("gpg", "gnupg")


@pytest.fixture(scope="session")
def client(gpg: str) -> Iterator[KeyRing]:
    """The client's key ring."""
    with open_key_ring(gpg) as ring:
        yield ring


@pytest.fixture(scope="session")
def ours(gpg: str) -> Iterator[KeyRing]:
    """The operator's key ring."""
    with open_key_ring(gpg) as ring:
        yield ring


@pytest.fixture(scope="session")
def client_key(client: KeyRing) -> str:
    """Fingerprint of the client's key."""
    return client.make_key("client", uses="rsa3072")


@pytest.fixture(scope="session")
def our_key(ours: KeyRing, client: KeyRing) -> str:
    """Fingerprint of our signing key, whose passphrase is `hunter2`; the client has its public part."""
    fingerprint = ours.make_key("us", passphrase="hunter2")
    client.take(ours.export(fingerprint))
    return fingerprint


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that defines a Connection as an operator does."""

    def define(name: str, password: str = "", **extra: str) -> None:
        told = {"conn_type": "generic", "password": password, "extra": extra}
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(told))

    return define


def encrypting(
    *recipients: str, sign_with: str | None = None, armor: bool = False, **fields: object
) -> Destination:
    """Return a destination whose files are encrypted."""
    encryption = {"recipients": list(recipients), "sign_with": sign_with, "armor": armor}
    named = {"id": "acme", "client": "Acme University", "company_id": COMPANY, "transfer_id": 42}
    return Destination(**named | {"encryption": encryption} | fields)
