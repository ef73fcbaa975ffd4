"""Which failures can a retry mend, and which not?"""


class DeliveryError(Exception):
    """A delivery could not be made; the message is one plain sentence for the operator, free of secrets."""


class PermanentError(DeliveryError):
    """Retrying cannot help: somebody must change something first."""


class MissingConnectionError(PermanentError):
    """An Airflow Connection that nobody has added yet."""


class RetryableError(DeliveryError):
    """Retrying may help: the network, a timeout, a busy or full server."""
