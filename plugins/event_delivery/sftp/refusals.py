"""Why did no session come about, and who must do what?"""

from __future__ import annotations

import os
import re
import socket

import asyncssh

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.sftp.explain import Place, explain_foreign, quote_error
from event_delivery.sftp.host_key_refusals import explain_weak_key
from event_delivery.sftp.login import Login
from event_delivery.sftp.server import Server

SOURCE_ADDRESSES = "EVENT_DELIVERY_SOURCE_ADDRESSES"
_AUTH_REFUSED = (asyncssh.DISC_PROTOCOL_ERROR, asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE)
_NO_MATCH = re.compile(r"No matching (?P<what>.+?) found, sent .*? and received (?P<theirs>\S+)", re.DOTALL)


def explain_connecting(error: Exception, place: Place, login: Login, seconds: float) -> DeliveryError:
    """Return why no session came about; `seconds` is the time limit of a connection."""
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return _explain_key_exchange(error, place)
    if login.weak_key:
        return explain_weak_key(place, login.weak_key)
    if is_login_refused(error, login):
        kind = RetryableError if place.server.next_credentials else PermanentError
        return kind(f"{place}: {_explain_login(place.server, login)}")
    if isinstance(error, TimeoutError) and not error.errno:
        return RetryableError(f"{place}: no connection within {seconds:.0f} s. {_allow()}")
    if isinstance(error, socket.gaierror):
        return RetryableError(f"{place}: the host name cannot be resolved. Check the Connection's host.")
    if isinstance(error, OSError) and login.activity == "connecting":
        return RetryableError(f"{place}: {quote_error(error, place.server)}. {_allow()}")
    if isinstance(error, (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)):
        return RetryableError(f"{place}: the server broke off. {_advise_unclear(login)}")
    if not isinstance(error, (asyncssh.Error, OSError)):
        return explain_foreign(error, place)
    return RetryableError(f"{place}: {quote_error(error, place.server)}. {_advise_unclear(login)}")


def _explain_key_exchange(error: asyncssh.KeyExchangeFailed, place: Place) -> DeliveryError:
    """Tell apart a server that knows other algorithms from bytes that were changed on their way."""
    words = quote_error(error, place.server, longest=2_000)
    found = _NO_MATCH.search(words)
    if found:
        words = f"no matching {found['what']}; the server knows {found['theirs'].replace(',', ', ')}"
    elif "mismatch" in words.lower() or "invalid" in words.lower() or "signature" in words.lower():
        return RetryableError(
            f"{place}: the key exchange does not add up ({words}): something on the way changes bytes, or "
            f"somebody stands between. No password was sent. If it stays so, ask the client, and whoever keeps "
            f"your network."
        )
    return PermanentError(f"{place}: {words}. {_old_algorithms(place.server)}")


def is_login_refused(error: Exception, login: Login) -> bool:
    """Tell whether the server refused our offer, or hung up because of it, as one with MaxAuthTries 1 does."""
    if isinstance(error, asyncssh.PermissionDenied):
        return True
    refused = isinstance(error, asyncssh.DisconnectError) and error.code in _AUTH_REFUSED
    return refused and login.activity == "logging in" and login.password_offered


def _explain_login(server: Server, login: Login) -> str:
    if login.password_expired:
        return (
            f"the password of user {server.user!r} has expired: the server asks for a new one. Ask the client "
            f"for a password that does not expire, and correct the Airflow Connection."
        )
    if login.asked_for_more and not login.password_offered:
        return (
            f"the server asks user {server.user!r} for more than a password, such as a one-time code. No password "
            f"was sent. Ask the client for a login that a program can use: a key, or a password alone."
        )
    return _explain_refused_offer(server, login)


def _explain_refused_offer(server: Server, login: Login) -> str:
    ways = (("private key", server.private_key), ("password", server.password))
    offered = " and ".join(name for name, value in ways if value)
    offered = f"the {server.offers} {offered}" if server.next_credentials else offered
    if not server.private_key and not login.password_offered:
        return (
            f"the server takes no password of user {server.user!r}: it wants a key, or more than one thing. "
            f"Nothing was offered. Ask the client which logins it allows, and put a private_key into the "
            f"Connection's extra."
        )
    refused = f"the server refuses the login of user {server.user!r} (offered: {offered})"
    if server.next_credentials:
        other = "current" if server.offers == "next" else "next"
        return (
            f"{refused}. The next attempt offers the {other} credentials of the two in the Airflow Connection. If "
            f"both are refused, ask the client."
        )
    return f"{refused}. Ask the client for the right user and credentials, and correct the Airflow Connection."


def _old_algorithms(server: Server) -> str:
    if server.legacy_algorithms:
        return "The server's algorithms are too old or too new for us: ask the client to update it"
    return (
        "Ask the client to update the server; until then legacy_algorithms: true in the destination's YAML "
        "lets the old algorithms in."
    )


def _advise_unclear(login: Login) -> str:
    if login.activity == "opening SFTP":
        return "Ask the client whether this user may use SFTP."
    if login.activity == "exchanging keys":
        return (
            "If that stays so, check the port, and ask the client what its server logged and whether it knows old "
            "algorithms only: legacy_algorithms: true lets those in."
        )
    return "If that stays so, check the port and ask the client what its server logged."


def _allow() -> str:
    """Return the advice for a server that does not answer, with the addresses that the client must allow."""
    named = os.environ.get(SOURCE_ADDRESSES)
    ours = f"our source addresses: {named}" if named else "the addresses that this Airflow's workers come from"
    return f"Check host and port, and that the client allows {ours}."
