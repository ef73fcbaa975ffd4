"""What is an attempt to the ledger: the file that it brings, what was known before, what it sent?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from event_delivery.errors import RetryableError


class LedgerError(RetryableError):
    """The ledger gave no answer, or says that another attempt has taken over: what is not recorded is not done."""


@dataclass(frozen=True)
class RecordedFile:
    """A file that is to be delivered: its name by today's YAML, how it was made, what it holds (plain bytes).

    `id_digest`: the digest of its events' ids, None: unknown.
    `unready`, `unusual`: why the source was not complete, why the number of rows is out of line, a sentence each.
    """

    file_name: str
    recipe: dict[str, Any]
    rows: int
    bytes: int
    sha256: str
    profile: dict[str, Any]
    id_digest: str | None = None
    unready: str | None = None
    unusual: str | None = None


@dataclass(frozen=True)
class Before:
    """What the ledger knew of a delivery before an attempt began."""

    state: str
    last_error: str | None
    sha256: str | None
    server: str | None
    remote_path: str | None
    step: str | None
    temporary_path: str | None
    delivered_before: bool
    tried_by_run: bool
    tried_since_clear: bool
    delivered_by_another: bool


@dataclass(frozen=True)
class Attempt:
    """An attempt that has begun: its number over all runs of the delivery, from 1, and what the ledger calls it.

    `sends_again`: a person had an unconfirmed delivery sent again. `carries_on`: else, whether what the attempt
    before it reached counts for this one, as for a retry, but not for a run that was cleared.
    `remarks`: what a person should know of the file, a sentence each.
    """

    number: int
    delivery_id: int
    file_id: int
    attempt_id: int
    file_name: str
    before: Before | None
    sends_again: bool
    carries_on: bool
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why an attempt brought no delivery, one sentence without secrets; whether a retry cannot help.

    `unconfirmed`: nobody can tell whether the file arrived. `held`: the sha256 of the
    file, which was not sent, and waits for a person's yes.
    """

    reason: str
    permanent: bool
    unconfirmed: bool = False
    held: str | None = None


@dataclass(frozen=True)
class Sent:
    """How many bytes the server acknowledged, in how many seconds, and whether they went compressed."""

    bytes_sent: int | None = None
    send_seconds: float | None = None
    compressed: bool | None = None
