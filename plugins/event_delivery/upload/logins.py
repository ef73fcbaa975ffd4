"""What does an attempt record of its login: to which key, with which credentials, and when?"""

from __future__ import annotations

from typing import Any

from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.servers import forget_login, record_login, record_shown_key, trust_host_key
from event_delivery.sftp import Server, Session
from event_delivery.sftp.host_key import fingerprint
from event_delivery.sftp.known_keys import Notes, ShownKey
from event_delivery.upload.recipient import name_key_owner


def take_notes(ledger: BoundedLedger, log: Any) -> Notes:
    """Return who records, in the ledger, what comes up before there is a session; they raise LedgerError."""

    async def record_unknown_key(shown: ShownKey) -> None:
        server = shown.server
        log.warning("The host key of %s, %s, is not known", server.address, fingerprint(shown.public_key))
        await ledger.ask_soon(record_shown_key, name_key_owner(server), shown.public_key)

    async def record_refused_login(server: Server) -> None:
        if server.next_credentials:
            await ledger.ask_soon(record_login, server.connection_id, server.offers, False)

    return Notes(record_unknown_key, record_refused_login)


async def record_logins(session: Session, ledger: BoundedLedger, log: Any) -> None:
    """Record which keys a login was completed with, and which of two credentials it was; raises LedgerError."""
    for shown in session.shown_keys:
        server, key = shown.server, shown.public_key
        if shown in session.first_contacts:
            log.warning(
                "The host key of %s, %s, is known from this first contact, and unconfirmed",
                server.address,
                fingerprint(key),
            )
        if server.host_keys or shown in session.first_contacts:
            await ledger.ask_soon(trust_host_key, name_key_owner(server), key, bool(server.host_keys))
        if server.next_credentials:
            log.info("Logged in to %s with the %s credentials of two", server.address, server.offers)
            await ledger.ask_soon(record_login, server.connection_id, server.offers, True)
        else:
            await ledger.ask_soon(forget_login, server.connection_id)
