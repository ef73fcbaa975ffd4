"""Is a key that cannot be used said to be so before any event is read, and is no secret said with it?"""

from __future__ import annotations

import re
import time

import pytest

from event_delivery.errors import MissingConnectionError, PermanentError
from event_delivery.openpgp import load_keys
from tests.openpgp.conftest import encrypting

PASSPHRASE = "hunter2"
_PRIVATE = re.compile(r"BEGIN PGP|hunter2|wrong-guess|[A-Za-z0-9+/]{50}")


def explain(destination) -> str:
    """Return why a destination's keys cannot be used; no key and no passphrase stands in it."""
    with pytest.raises(PermanentError) as refused:
        load_keys(destination)
    assert not _PRIVATE.search(str(refused.value)), refused.value
    assert refused.value.__cause__ is None, "the library's own words may hold anything"
    return str(refused.value)


def test_a_destination_without_encryption_needs_no_key(acme):
    """And asks nobody for one."""
    assert load_keys(acme) is None


def test_keys_of_connections_are_unlocked(connect, client, client_key, ours, our_key):
    """The client's from its Connection, ours with the passphrase that is the Connection's password."""
    connect("openpgp_acme", public_key=client.export(client_key))
    connect("openpgp_us", PASSPHRASE, private_key=ours.export(our_key, True, PASSPHRASE))
    keys = load_keys(encrypting("openpgp_acme", sign_with="openpgp_us"))
    assert keys.signing.fingerprint.upper() == our_key
    assert [len(each.encrypted_to) for each in keys.recipients] == [1]
    assert not _PRIVATE.search(repr(keys))


def test_a_key_may_lie_in_a_variable(monkeypatch, client, client_key):
    """Where Connections are another team's."""
    monkeypatch.setenv("AIRFLOW_VAR_ACME_KEY", client.export(client_key))
    assert load_keys(encrypting("variable:acme_key")).recipients


def test_a_missing_connection_is_named_with_what_to_do():
    """Nothing was set up yet."""
    with pytest.raises(MissingConnectionError, match="Connection 'openpgp_acme' is not defined. Add it, of type"):
        load_keys(encrypting("openpgp_acme"))


def test_a_missing_variable_is_named():
    """Nor the Variable."""
    assert "acme: encryption.recipients: Variable 'acme_key' is not there" in explain(
        encrypting("variable:acme_key")
    )


def test_a_connection_without_a_key_is_named(connect):
    """Its extra is empty, or has the other kind."""
    connect("openpgp_acme", private_key="x")
    assert "Connection 'openpgp_acme' holds no public_key" in explain(encrypting("openpgp_acme"))


@pytest.mark.parametrize("text", ["hello", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n", "ssh-ed25519 AAAA"])
def test_what_is_no_key_is_refused(connect, text):
    """Somebody has pasted something else, or half of it."""
    connect("openpgp_acme", public_key=text, private_key=text)
    assert "no OpenPGP public key" in explain(encrypting("openpgp_acme"))
    monkey = encrypting("openpgp_acme", sign_with="openpgp_acme")
    assert "no OpenPGP public key" in explain(monkey)


def test_two_keys_in_one_connection_are_refused(connect, client, client_key):
    """Which of them is meant, nobody can tell; the YAML takes a list of Connections."""
    other = client.make_key("another")
    connect("openpgp_acme", public_key=client.export(client_key) + client.export(other))
    assert "found 2 OpenPGP keys, wanted one" in explain(encrypting("openpgp_acme"))


def test_a_private_key_in_the_public_one_s_place_is_refused(connect, client, client_key):
    """The client has sent us its private key: that is no secret any more."""
    connect("openpgp_acme", public_key=client.export(client_key, secret=True))
    assert "holds a private key, wanted a public one" in explain(encrypting("openpgp_acme"))


def test_a_public_key_in_the_private_one_s_place_is_refused(connect, client, client_key):
    """Nothing could be signed with it."""
    connect("openpgp_acme", public_key=client.export(client_key), private_key=client.export(client_key))
    assert "found no OpenPGP private key" in explain(encrypting("openpgp_acme", sign_with="openpgp_acme"))


def test_a_key_without_an_encryption_subkey_is_refused(connect, client):
    """It was made for signing alone."""
    connect("openpgp_acme", public_key=client.export(client.make_key("signer", uses="ed25519 sign")))
    assert "has no encryption subkey" in explain(encrypting("openpgp_acme"))


def test_a_key_that_has_expired_is_refused(connect, client, ours):
    """The library itself would encrypt for it, and sign with it."""
    theirs = client.make_key("brief", expires="seconds=1")
    mine = ours.make_key("brief", expires="seconds=1")
    fresh = client.make_key("fresh")
    time.sleep(2)
    connect("openpgp_acme", public_key=client.export(theirs))
    assert f"the OpenPGP key {theirs} expired on 20" in explain(encrypting("openpgp_acme"))
    connect("openpgp_acme", public_key=client.export(fresh))
    connect("openpgp_us", private_key=ours.export(mine, secret=True))
    said = explain(encrypting("openpgp_acme", sign_with="openpgp_us"))
    assert f"encryption.sign_with: Connection 'openpgp_us': our OpenPGP key {mine} expired for signing on" in said


def test_a_key_whose_encryption_subkey_has_expired_is_refused(connect, client):
    """The key itself goes on."""
    key = client.make_key("halfway", uses="ed25519 sign")
    client.run("--quick-add-key", key, "cv25519", "encr", "seconds=1")
    time.sleep(2)
    connect("openpgp_acme", public_key=client.export(key))
    assert "has an encryption subkey, which expired on 20" in explain(encrypting("openpgp_acme"))


def test_a_key_that_was_revoked_is_refused(connect, client):
    """Its owner has lost it, for instance."""
    key = client.make_key("lost")
    made = (client.home / "openpgp-revocs.d" / f"{key}.rev").read_text()
    client.take(made.replace(":-----BEGIN", "-----BEGIN"))
    connect("openpgp_acme", public_key=client.export(key))
    assert f"the OpenPGP key {key} was revoked" in explain(encrypting("openpgp_acme"))


def revoke_subkey(client, key: str) -> None:
    """Revoke the first subkey of a key, as its owner does."""
    commands = b"key 1\nrevkey\ny\n0\n\ny\nsave\n"
    client.run("--command-fd", "0", "--edit-key", key, data=commands, batch=False)


def test_a_key_whose_encryption_subkey_was_revoked_is_refused(connect, client):
    """The key itself goes on."""
    key = client.make_key("half lost")
    revoke_subkey(client, key)
    connect("openpgp_acme", public_key=client.export(key))
    assert "has an encryption subkey, which was revoked" in explain(encrypting("openpgp_acme"))


def test_a_file_is_never_encrypted_for_a_dead_subkey_beside_a_living_one(connect, client):
    """Whoever has found the old one reads nothing."""
    key = client.make_key("renewed")
    before = load_from(connect, client.export(key))
    client.run("--quick-add-key", key, "cv25519", "encr", "seconds=1")
    time.sleep(2)
    after = load_from(connect, client.export(key))
    assert after == before
    client.run("--quick-add-key", key, "cv25519", "encr", "never")
    both = load_from(connect, client.export(key))
    assert len(both) == 2
    revoke_subkey(client, key)
    assert load_from(connect, client.export(key)) == tuple(sorted({*both} - {*before}))


def load_from(connect, text: str) -> tuple[str, ...]:
    """Return the keys that a file would be encrypted for."""
    connect("openpgp_acme", public_key=text)
    return load_keys(encrypting("openpgp_acme")).recipients[0].encrypted_to


@pytest.mark.parametrize(("passphrase", "said"), [("wrong-guess", "is wrong"), ("", "is missing")])
def test_a_key_that_is_not_unlocked_is_refused(connect, client, client_key, ours, our_key, passphrase, said):
    """By a wrong passphrase, or none."""
    connect("openpgp_acme", public_key=client.export(client_key))
    connect("openpgp_us", passphrase, private_key=ours.export(our_key, True, PASSPHRASE))
    told = explain(encrypting("openpgp_acme", sign_with="openpgp_us"))
    assert f"our OpenPGP key {our_key} cannot be unlocked: its passphrase {said}" in told


def test_the_digest_is_another_one_for_other_keys(connect, client, client_key, ours, our_key):
    """The order of the recipients is none of it; their keys and ours are."""
    other = client.make_key("other")
    connect("openpgp_a", public_key=client.export(client_key))
    connect("openpgp_b", public_key=client.export(other))
    connect("openpgp_us", PASSPHRASE, private_key=ours.export(our_key, True, PASSPHRASE))

    def digest(*names, sign_with=None):
        return load_keys(encrypting(*names, sign_with=sign_with)).digest

    assert digest("openpgp_a", "openpgp_b") == digest("openpgp_b", "openpgp_a")
    different = [digest("openpgp_a"), digest("openpgp_b"), digest("openpgp_a", sign_with="openpgp_us")]
    assert len({*different}) == 3
