"""Which shape has the answer about one delivery?"""

from __future__ import annotations

from typing import Literal, TypedDict

from event_delivery.page.answers.shapes.overview import Cell, Difference
from event_delivery.page.answers.states import State

Kind = Literal["nightly", "test"]


class Attempt(TypedDict):
    """One attempt of a delivery; without an end it was cut off, or is under way.

    `unconfirmed` is the one after which nobody can tell whether the file arrived.
    """

    attempt: int
    run_id: str | None
    started_at: str
    ended_at: str | None
    seconds: float | None
    bytes_sent: int | None
    error: str | None
    permanent: bool | None
    unconfirmed: bool


class Profile(TypedDict):
    """A day's rows by hour since local midnight, and its most frequent titles."""

    rows_by_hour: dict[str, int]
    top_titles: dict[str, int]


class DeliveryLinks(TypedDict):
    """Where in Airflow a delivery is: paths below its root."""

    dag: str
    run: str | None
    log: str | None
    connection: str | None


class DeliveryFile(TypedDict):
    """What is known about a delivery's file; `rate` is in bytes a second, `permanent` of the last error.

    `replaces` is the name of the file, of another format, in whose place it came; `exact`: it went out byte for
    byte as it had been delivered before, not made from the source.
    """

    file_name: str | None
    replaces: str | None
    exact: bool
    remote_path: str | None
    rows: int | None
    bytes: int | None
    sha256: str | None
    permanent: bool | None
    profile: Profile | None
    seconds: float | None
    rate: int | None
    delivered_at: str | None
    due: str | None


class NamedDelivery(TypedDict):
    """One of several deliveries that are called by the same day: the bounds of its interval, and its state."""

    start: str
    end: str
    state: State


class Supplement(TypedDict):
    """A further file of a day; `replaced`: the day came again as a whole since, and holds its events."""

    number: int
    state: State
    file_name: str | None
    rows: int | None
    sha256: str | None
    delivered_at: str | None
    replaced: bool
    error: str | None


class Comparison(TypedDict):
    """What was found when a delivered night was last compared with the source; `difference`: None if nothing.

    `found_at`: since when it differs, `handling`: what was done. `outdated`: something was delivered since.
    """

    compared_at: str
    found_at: str | None
    difference: Difference | None
    handling: str | None
    outdated: bool


class DeliveryFacts(DeliveryFile):
    """One delivery with its file and every attempt; the client's summary is made of it.

    `remark` is why a later redelivery of what had been delivered did not come to its upload.
    """

    destination: str
    client: str
    event: str
    day: str
    kind: Kind
    state: State | None
    start: str | None
    end: str | None
    last_error: str | None
    remark: str | None
    attempts: list[Attempt]
    supplements: list[Supplement]


class DeliveryDetail(DeliveryFacts):
    """One delivery in full; `support` is what a client's engineers may be told about it.

    `named` are all deliveries of the event type that are called by this day, if there are several. `unready` and
    `unusual` say what a person should know of the file: the source was not complete, its count is out of line.
    `held`: the sha256 of the file that waits for a person's yes.
    """

    cell: Cell | None
    comparison: Comparison | None
    unready: str | None
    unusual: str | None
    held: str | None
    named: list[NamedDelivery]
    links: DeliveryLinks
    support: str
