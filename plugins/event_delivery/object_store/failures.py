"""What does an object store's refusal mean, and what is to be done?

The codes are S3's (API reference, "Error responses") and MinIO's, the classes botocore's, aiohttp's and Azure's.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from event_delivery.errors import RetryableError
from event_delivery.object_store.address import StoreAddress

_DENIED = "AccessDenied|AllAccessDisabled|Forbidden|AuthorizationFailure|AuthorizationPermissionMismatch|403"
_UNKNOWN = (
    "InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|NoCredentials.*|"
    "PartialCredentialsError|CredentialRetrievalError|UnauthorizedSSOTokenError|ClientAuthenticationError|"
    "AuthenticationFailed|DefaultCredentialsError|RefreshError|InvalidAccountKey|401"
)
_FULL = "QuotaExceeded|.*StorageFull|InsufficientStorage|QuotaExceededException|InsufficientCapacity|507"
_BUSY = (
    "SlowDown|ServiceUnavailable|RequestLimitExceeded|Throttling.*|TooManyRequests|ServerBusy|InternalError|"
    "50[0234]|429"
)
_GONE = "NoSuchBucket|BucketNotFound|ContainerNotFound|NoSuchKey|404"
_UNREACHED = (
    ".*Connect(ion|or|Timeout).*Error|ClientConnectorDNSError|ServerDisconnectedError|ReadTimeoutError|SSLError|"
    "ServiceRequestError|.*ConnectTimeout.*|ConnectionError|gaierror"
)
_CURES = (
    ("RequestTimeTooSkewed", "has another time than this machine", "Set this machine's clock."),
    (_UNKNOWN, "does not take the credentials", "Look at the Airflow Connection that the URL names."),
    (_DENIED, "is denied", "Give the Connection's user the rights that docs/object-store.md lists."),
    (_FULL, "is full, or its quota is used up", "Make room there, or raise the quota."),
    (_BUSY, "is busy or disturbed", "It is tried again; if it lasts, look at the store."),
    (_GONE, "has no such bucket or object", "Look whether the bucket was removed or is spelled otherwise."),
    (_UNREACHED, "cannot be reached", "Look at the network, and at the endpoint_url of the Connection."),
)


def explain_failure(error: BaseException, address: StoreAddress, doing: str) -> RetryableError:
    """Return a failure as a sentence: the store, what was being done, why it failed, what to do.

    A foreign exception's text may hold anything, so only its code or its type shows.
    """
    if isinstance(error, TimeoutError) and str(error).startswith("no answer within"):
        return RetryableError(
            f"EVENT_DELIVERY_STAGING: {address} gave {error} ({doing}). It is tried again; if it "
            "lasts, look at the network and at the store."
        )
    names = list(_name(error))
    for name in names:
        for pattern, what, cure in _CURES:
            if re.fullmatch(pattern, name):
                return RetryableError(f"EVENT_DELIVERY_STAGING: {address} {what} ({doing}: {name}). {cure}")
    return RetryableError(
        f"EVENT_DELIVERY_STAGING: {address} fails ({doing}: {names[0]}). It is tried again; if it lasts, look at "
        "the store."
    )


def is_beyond_end(error: BaseException) -> bool:
    """Tell whether a store refuses to read what lies behind an object's end."""
    return any(name in ("InvalidRange", "416") for name in _name(error))


def _name(error: BaseException | None) -> Iterator[str]:
    """Yield the codes and types of an error and of what caused it, the ones that say most first."""
    chain = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    yield from filter(None, (_read_code(each) for each in chain))
    for each in chain:
        yield type(each).__name__
        if isinstance(each, PermissionError):
            yield "AccessDenied"
        if isinstance(each, FileNotFoundError):
            yield "NoSuchKey"
        if isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT):
            yield "StorageFull"


def _read_code(error: BaseException) -> str:
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    code = code or getattr(error, "error_code", None) or getattr(error, "code", None)
    return str(code) if code and re.fullmatch(r"[A-Za-z0-9]{3,60}", str(code)) else ""
