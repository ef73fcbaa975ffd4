"""What is known before an attempt connects? Everything that it reads, at once."""

from __future__ import annotations

from dataclasses import dataclass

from event_delivery.delivery import ROBOT, Delivery
from event_delivery.destinations.packing import COMPANION_ENDINGS
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.attempts import Attempt
from event_delivery.ledger.servers import Behaviour, read_behaviour, read_rates
from event_delivery.limits import LIMITS, Limits
from event_delivery.sftp import KnownKeys, Route, Server, read_route
from event_delivery.staging import Manifest
from event_delivery.upload.brought import Brought
from event_delivery.upload.collision import refuse_client, refuse_collision, refuse_sent_before
from event_delivery.upload.line_rate import choose_compression
from event_delivery.upload.recipient import choose_credentials, find_known_keys, read_jump_host, read_recipient
from event_delivery.upload.upload_run import UploadRun


@dataclass(frozen=True)
class Preparation:
    """What an attempt knows before it connects; `rates` are bytes/s without and with compression."""

    delivery: Delivery
    run: UploadRun
    brought: Brought
    attempt: Attempt
    server: Server
    known_keys: KnownKeys
    route: Route
    jump: tuple[Server, KnownKeys] | None
    rates: dict[bool, float]
    behaviour: Behaviour | None
    limits: Limits = LIMITS

    @property
    def file(self) -> Manifest:
        """The file that is delivered."""
        return self.brought.file

    @property
    def remote_path(self) -> str:
        """The final name: of a split file, its manifest's, which comes last."""
        ending = COMPANION_ENDINGS["manifest"] if self.file.parts else ""
        return self.server.path(self.attempt.file_name + ending)

    @property
    def remote_folder(self) -> str:
        """Address and folder of the server, by which the ledger knows its behaviour."""
        return describe_remote_folder(self.server)

    @property
    def robot_known(self) -> bool:
        """Whether the YAML or a person says that a robot takes files from this remote folder."""
        confirmed = self.behaviour is not None and self.behaviour.takes_files
        return self.delivery.destination.robot or confirmed or self.robot_said

    @property
    def robot_said(self) -> bool:
        """Whether a person says now that a robot takes files there.

        Not of a file that the ledger had forgotten: the client has that. Nor of one that is delivered, as a run
        carries the decision that is cleared later.
        """
        before = self.attempt.before
        is_over = before is not None and before.delivered_before and before.state != "unconfirmed"
        return self.run.decision == ROBOT and not (self.brought.since or is_over)

    def compress(self, round_trip: float | None) -> bool:
        """Tell whether to compress over a line of this round trip (seconds, None: unknown)."""
        return choose_compression(self.rates, self.file.bytes, round_trip)


def prepare_attempt(
    delivery: Delivery,
    run: UploadRun,
    brought: Brought,
    attempt: Attempt,
    ledger: BoundedLedger,
    limits: Limits = LIMITS,
    recipient: Server | None = None,
) -> Preparation:
    """Read Connection, unless the `recipient` is known from it, route, host keys, rates and behaviour.

    Raises:
        PermanentError: a Connection is missing or lacks what a login needs, the route contradicts itself, or
            another destination delivers into the same folder.
        LedgerError: the ledger gave no answer.
    """
    rehearsal = run.instance.rehearsal
    server, route = recipient or read_recipient(delivery.destination, rehearsal), read_route()
    server = choose_credentials(server, ledger)
    host = choose_credentials(read_jump_host(route.jump_connection), ledger) if route.jump_connection else None
    known = (delivery.destination.host_key_policy, delivery.kind)
    if rehearsal:
        refuse_client(delivery.destination.id, server, ledger)
    else:  # each destination has a folder of its own there
        others = refuse_collision(delivery.destination, server, describe_remote_folder(server), ledger)
        if others and not run.allow_overlap and not (attempt.before and attempt.before.delivered_before):
            refuse_sent_before(delivery, others, ledger)
    return Preparation(
        delivery=delivery,
        run=run,
        brought=brought,
        attempt=attempt,
        server=server,
        known_keys=find_known_keys(server, ledger, *known),
        route=route,
        jump=(host, find_known_keys(host, ledger, *known)) if host else None,
        rates=ledger.ask(read_rates, delivery.destination.id),
        behaviour=ledger.ask(read_behaviour, delivery.destination.id, describe_remote_folder(server)),
        limits=limits,
    )


def describe_remote_folder(server: Server) -> str:
    """Return a server's address and folder."""
    return f"{server.address}/{server.folder}"
