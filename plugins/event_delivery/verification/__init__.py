"""Does a delivered file still lie on the client's server as it was sent? It is told, never mended.

`sighting`      what can be found, and what is said of it: pure
`looking`       one look at one file
`visit`         one session: each file that is due, as far as the time goes
`verification`  all of it, for one destination
"""

from event_delivery.verification.verification import is_due, verify_destination

__all__ = ["is_due", "verify_destination"]
