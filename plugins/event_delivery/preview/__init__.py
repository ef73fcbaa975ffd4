"""What would a client get of a day, byte for byte, without anything being sent?

`choosing`  of which destination, event type and day
`making`    a delivery's file, in a folder of its own that leaves with it
`first_events`  how that file begins, as text
"""

from event_delivery.preview.choosing import choose_delivery, find_valid
from event_delivery.preview.making import make_preview

__all__ = ["choose_delivery", "find_valid", "make_preview"]
