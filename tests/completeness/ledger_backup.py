"""How is the ledger restored to an older state?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from event_delivery.staging.kept_name import parse_kept_name

_TABLES = (
    "delivery_record",
    "delivery_file",
    "delivery_attempt",
    "comparison",
    "verification",
    "delivery_companion",
)
_MOMENTS = {
    "delivery_record": ("first_attempt_at", "delivered_at", "failed_at", "sent_again_at"),
    "delivery_file": ("delivered_at",),
    "delivery_attempt": ("started_at", "ended_at"),
}


def back_up(connection: psycopg.Connection[Any]) -> None:
    """Keep a copy of what the ledger says of deliveries, as if all of it were hours ago."""
    for table, moments in _MOMENTS.items():
        aged = ", ".join(f"{moment} = {moment} - interval '4 hours'" for moment in moments)
        connection.execute(f"update event_delivery.{table} set {aged}")
    connection.execute("drop schema if exists backup cascade")
    connection.execute("create schema backup")
    for table in _TABLES:
        connection.execute(f"create table backup.{table} as table event_delivery.{table}")


def restore(connection: psycopg.Connection[Any]) -> None:
    """Let the ledger know what it knew at the last backup."""
    connection.execute(f"truncate {', '.join(f'event_delivery.{table}' for table in _TABLES)}")
    for table in _TABLES:
        connection.execute(f"insert into event_delivery.{table} overriding system value table backup.{table}")


def age_kept(staging_area: Path, by: timedelta = timedelta(hours=3)) -> None:
    """Let all that is kept have been delivered so much earlier."""
    for path in sorted(staging_area.rglob("kept-*")):
        name, ending = parse_kept_name(path.name) or (None, "")
        assert name, path
        path.rename(path.with_name(f"{replace(name, delivered_at=name.delivered_at - by)}{ending}"))
