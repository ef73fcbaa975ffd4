"""Is a client taken on board by a form in two requests, bound to one host key, and nothing secret told?"""

from __future__ import annotations

from dataclasses import asdict

import pytest
import yaml

from event_delivery.destinations import Destination, load_destination
from event_delivery.onboard.form import Form, look_at_server, take_aboard
from tests.onboard.clients_server import SECRET, files_of, key_of, url_of
from tests.sample_events import COMPANY

FIELDS = (("client", "Acme University"), ("company_id", str(COMPANY)))


@pytest.fixture
def fill(airflow_session, destinations):
    """Return a function that fills in the form."""

    def fill(url, host_key=None, may_edit=True, **changes):
        asked = {"destination_id": "acme", "fields": FIELDS, "replace": False, "keeps": True} | changes
        return Form(
            **asked, url=url, host_key=host_key, user="ann", may_edit=lambda _: may_edit, seconds=10
        )  # fmt: skip

    return fill


def test_a_look_offers_nothing_and_tells_the_fingerprint(fill, server, stored, destinations):
    """Neither a login nor a file comes of it."""
    told = look_at_server(fill(url_of(server)))
    assert (told.fingerprint, told.failed, told.aboard) == (key_of(server), "", False)
    assert [said.split()[0] for said in told.done] == ["The", "127.0.0.1", f"127.0.0.1:{server.port}"]
    assert (server.logins, stored(), list(destinations.iterdir())) == ([], None, [])


def test_the_confirmed_key_is_logged_in_to_and_the_client_kept(fill, server, stored, destinations):
    """The Connection with that key, and the file, which is shown too; in the client's folder nothing is left."""
    told = take_aboard(fill(url_of(server), key_of(server)))
    assert (told.failed, told.aboard, told.written) == ("", True, True)
    assert stored().password == SECRET
    assert stored().extra_dejson["host_key"].split() == server.host_key().split()[:2]
    assert (destinations / "acme.yaml").read_text() == told.yaml
    assert isinstance(load_destination("acme", destinations), Destination)
    assert files_of(server) == []


@pytest.mark.parametrize("host_key", [None, "SHA256:" + "A" * 43])
def test_no_other_key_is_logged_in_to(fill, server, stored, host_key):
    """One that nobody confirmed, or another than the one that was."""
    told = take_aboard(fill(url_of(server), host_key))
    assert (told.step, told.aboard, stored(), server.logins) == ("key", False, None, [])
    assert key_of(server) in told.email


def test_a_wrong_url_is_explained_without_it(fill, server):
    """By the place of each mistake, with the client's next e-mail."""
    told = look_at_server(fill(f"sftp://acme:{SECRET}@127.0.0.1:{server.port}/"))
    assert (told.step, told.done) == ("url", ())
    assert "character 22: in the password, found '@', wanted %40" in told.failed
    assert "Dear Acme University team" in told.email


def test_a_refused_login_is_the_clients_to_mend(fill, server, stored):
    """The e-mail is ready; what was done before is told."""
    told = take_aboard(fill(url_of(server, "wrong"), key_of(server)))
    assert (told.step, stored(), len(told.done)) == ("login", None, 4)
    assert "does not let us log in as user acme" in told.email


def test_the_secret_stands_nowhere(fill, server):
    """Neither in what is told nor in how a form is printed."""
    for url in (f"sftp://acme:{SECRET}@h/", url_of(server), url_of(server, f"wrong{SECRET}")):
        form = fill(url, key_of(server))
        for step in (look_at_server, take_aboard):
            assert "hunter2" not in str(asdict(step(form)))
        assert "hunter2" not in repr(form)


def test_for_a_secrets_backend_only_commands_are_told(fill, server, stored, destinations):
    """Both of them, and the host key in the YAML."""
    told = take_aboard(fill(url_of(server), key_of(server), keeps=False))
    assert (told.aboard, told.written, stored(), list(destinations.iterdir())) == (True, False, None, [])
    assert "python -m event_delivery.connection add sftp_acme" in told.commands
    assert "host_key: ssh-" in told.commands


def test_a_file_that_cannot_be_written_here_is_shown(fill, server, stored, destinations, monkeypatch):
    """The Connection is kept all the same; the text is what the command would write."""
    monkeypatch.setattr("event_delivery.onboard.form.os.access", lambda *_: False)  # root may write anywhere
    told = take_aboard(fill(url_of(server), key_of(server)))
    assert (told.failed, told.aboard, told.written, list(destinations.iterdir())) == ("", True, False, [])
    assert yaml.safe_load(told.yaml) == dict(FIELDS)
    assert stored() is not None


def test_done_again_it_recognises_what_is_there(fill, server, stored, destinations):
    """Nothing is stored a second time, and no file is shown that was there before."""
    take_aboard(fill(url_of(server), key_of(server)))
    looked = look_at_server(fill(url_of(server)))
    assert (looked.fingerprint, looked.failed) == ("", "")
    told = take_aboard(fill(url_of(server)))
    assert (told.failed, told.aboard, told.written, told.yaml) == ("", True, True, "")


def test_a_connection_that_is_there_is_for_who_may_edit_it(fill, server, stored):
    """Not to be used, tried or replaced by one who may only make new ones."""
    take_aboard(fill(url_of(server), key_of(server)))
    logins, before = list(server.logins), stored().get_uri()
    for url in ("", url_of(server), url_of(server, "other")):
        told = take_aboard(fill(url, key_of(server), may_edit=False, replace=True))
        assert (told.step, told.aboard) == ("ours", False)
        assert "you may not edit it" in told.failed
    assert (server.logins, stored().get_uri()) == (logins, before)
