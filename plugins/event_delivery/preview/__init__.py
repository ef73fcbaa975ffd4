"""What would a client get of a day, byte for byte, without anything being sent?

`making`  a delivery's file, in a folder of its own that leaves with it
"""

from event_delivery.preview.making import make_preview

__all__ = ["make_preview"]
