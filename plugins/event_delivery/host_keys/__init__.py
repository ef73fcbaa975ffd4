"""Which keys has a client's server shown, and how does a person say that one is right?

`confirmation`  a key is confirmed: it becomes the Connection's `host_key`

Whoever may edit Connections may confirm one, on the Deliveries page or by `python -m event_delivery.host_keys`.
"""

from event_delivery.host_keys.confirmation import confirm_host_key

__all__ = ["confirm_host_key"]
