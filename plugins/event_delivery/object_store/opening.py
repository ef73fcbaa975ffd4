"""How is a bucket opened, by Airflow's own file systems and with Airflow's own Connection?"""

from __future__ import annotations

import os
from functools import lru_cache

from event_delivery.errors import MissingConnectionError, PermanentError
from event_delivery.object_store.address import StoreAddress
from event_delivery.object_store.bucket import Bucket
from event_delivery.object_store.failures import explain_failure

_PACKAGES = {"s3": "requirements-s3.lock", "gs": "apache-airflow-providers-google and gcsfs"}
_AZURE = "apache-airflow-providers-microsoft-azure and adlfs"


def open_bucket(address: StoreAddress) -> Bucket:
    """Return a bucket, opened once in each process; nothing is asked of it yet.

    Raises:
        MissingConnectionError: the Connection is not defined; Airflow's file systems would go on without it.
        PermanentError: the packages for it are not installed.
        RetryableError: the Connection's own words are refused.
    """
    return _open(address, os.getpid())


@lru_cache(maxsize=8)
def _open(address: StoreAddress, _process: int) -> Bucket:
    _check_connection(address)
    try:
        from airflow.sdk.io import get_fs

        return Bucket(address, get_fs(address.protocol, address.connection_id))
    except (ImportError, ValueError) as error:
        if isinstance(error, ValueError) and "No filesystem registered" not in str(error):
            raise explain_failure(error, address, "opening it") from error
        raise PermanentError(
            f"EVENT_DELIVERY_STAGING: the packages for {address.protocol}:// are not installed here. Install "
            f"{_PACKAGES.get(address.protocol, _AZURE)} (docs/object-store.md)."
        ) from error
    except Exception as error:
        raise explain_failure(error, address, "opening it") from error


def _check_connection(address: StoreAddress) -> None:
    if address.connection_id is None:
        return
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        BaseHook.get_connection(address.connection_id)
    except AirflowNotFoundException:
        raise MissingConnectionError(
            f"The Airflow Connection {address.connection_id!r}, which EVENT_DELIVERY_STAGING names, is not "
            "defined. Add it (docs/object-store.md)."
        ) from None
