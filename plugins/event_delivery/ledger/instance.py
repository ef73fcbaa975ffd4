"""Which instance is this Airflow, and may it upload with a ledger that somebody claimed?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from event_delivery.errors import PermanentError

INSTANCE, REHEARSAL = "EVENT_DELIVERY_INSTANCE", "EVENT_DELIVERY_REHEARSAL"
CLAIM = "python -m event_delivery.ledger claim"


@dataclass(frozen=True)
class Instance:
    """This Airflow: its name, and the Connection that a rehearsal sends everything to; None: clients get it."""

    name: str = "default"
    rehearsal: str | None = None


@dataclass(frozen=True)
class Database:
    """The very database of a ledger: a copy made by dump or template differs, a replica that takes over does not.

    `system`: the cluster's identifier, None where the role may not ask for it.
    """

    system: int | None
    oid: int
    name: str


@dataclass(frozen=True)
class Claim:
    """To whom a ledger belongs, whether for rehearsal, and the database that this was claimed in."""

    name: str
    rehearsal: bool
    system: int | None
    oid: int
    claimed_at: datetime

    def is_of(self, database: Database) -> bool:
        """Tell whether it was made in this database, for all that is known of both."""
        unknown = self.system is None or database.system is None
        return self.oid == database.oid and (unknown or self.system == database.system)


class Verdict(Enum):
    """What a claim means for an upload, unless that is refused."""

    OURS = "the ledger belongs to this instance"
    OPEN = "the ledger may be claimed by this instance"


def read_instance() -> Instance:
    """Return the instance that the environment names."""
    return Instance(os.environ.get(INSTANCE) or Instance.name, os.environ.get(REHEARSAL) or None)


def is_rehearsal() -> bool:
    """Tell whether this instance rehearses: everything goes to our own server."""
    return read_instance().rehearsal is not None


def judge_claim(claim: Claim | None, here: Database, instance: Instance) -> Verdict | PermanentError:
    """Return what a claim means for an upload of this instance with the ledger in this database."""
    if claim is None:
        return Verdict.OPEN
    copied = not claim.is_of(here)
    if copied:
        return Verdict.OPEN if instance.rehearsal else _refuse_copy(claim, here)
    if claim.rehearsal and not instance.rehearsal:
        return _refuse_real(claim)
    if instance.rehearsal and not claim.rehearsal:
        return refuse_rehearsal(f"it belongs to the real instance {claim.name!r}")
    return Verdict.OURS if claim.name == instance.name else _refuse_name(claim, instance)


def refuse_rehearsal(why: str) -> PermanentError:
    """Return the failure of a rehearsal whose ledger is, or may be, that of real deliveries."""
    return PermanentError(
        f"{REHEARSAL} is set, and the ledger must not say that a rehearsed file was delivered: {why}. Nothing was "
        f"sent. Give this Airflow a ledger_db of its own, an empty database or a copy. If this ledger is a copy "
        f"already, run: {CLAIM} --rehearsal"
    )


def _refuse_copy(claim: Claim, here: Database) -> PermanentError:
    return PermanentError(
        f"The ledger is a copy: instance {claim.name!r} claimed it in another database than {here.name!r}, on "
        f"{claim.claimed_at:%Y-%m-%d}. Nothing was sent: the original may be delivering too. To try things out, "
        f"set {REHEARSAL}. If this ledger takes the place of the original, run: {CLAIM}"
    )


def _refuse_real(claim: Claim) -> PermanentError:
    return PermanentError(
        f"The ledger was claimed for rehearsal, by instance {claim.name!r} on {claim.claimed_at:%Y-%m-%d}: "
        f"nothing is sent to clients with it. Set {REHEARSAL} to go on rehearsing, or give this Airflow a "
        f"ledger_db of its own. If nothing was rehearsed with it, this makes it a real one: {CLAIM}"
    )


def _refuse_name(claim: Claim, instance: Instance) -> PermanentError:
    return PermanentError(
        f"The ledger belongs to instance {claim.name!r}, and this Airflow is instance {instance.name!r}. Nothing "
        f"was sent. If it is that instance, set {INSTANCE} to its name. To try things out, give this Airflow a "
        f"ledger_db of its own and set {REHEARSAL}. If it takes the other's place, run: {CLAIM}"
    )


def describe_claim(before: Claim | None, here: Database, name: str, rehearsal: bool) -> str:
    """Return what claiming a ledger has changed, for whoever did it."""
    what = f"instance {name!r} ({INSTANCE}), for {'rehearsal' if rehearsal else 'real deliveries'}"
    lines = [
        f"The ledger in database {here.name!r} belongs to {what}.",
        f"Before: {_describe_before(before, here)}.",
    ]
    if rehearsal:
        return "\n".join(
            [*lines, f"Uploads need {REHEARSAL}, the Connection that all files go to; no client gets any."]
        )
    return "\n".join([*lines, "Uploads of an Airflow of this name go to clients; those of any other are refused."])


def _describe_before(claim: Claim | None, here: Database) -> str:
    if claim is None:
        return "nobody had claimed it"
    kind = "for rehearsal" if claim.rehearsal else "for real deliveries"
    where = "in this database" if claim.is_of(here) else "in another database: this one is a copy of it"
    return f"instance {claim.name!r}, {kind}, since {claim.claimed_at:%Y-%m-%d %H:%M %Z}, {where}"
