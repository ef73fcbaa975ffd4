"""Where and how does each client receive events, as its YAML file says?

`stamp`           has a file of a folder changed?
`pairs`           which statements and samples are there, and do they belong together?
`event_type`      which kinds of events can be delivered
`temporary_name`  what a file is called on the server while it is not yet whole
`contact`         where a client is told what it has to know
`dialect`         how CSV is written
`chosen_columns`  which columns and which events a client wants
`packing`         how a file is compressed
`file_name`       what files may be called
`presets`         what receivers have published of all these
`shape`           all of these: what a client's files look like
`fields`          what the value of each field may be
`destination`     the fields of one destination
`quarantined`     what is left of one whose file is wrong
`yaml_file`       the fields that a YAML file holds, whoever wrote it
`file`            one YAML file: a destination, or one quarantined with the reason
`sharing`         none twice, none with another client's Connection, none in another's remote folder
`folder`          all of them
`cache`           the same without reading a thousand files for every look
"""

from event_delivery.destinations.cache import find_destination, read_destinations
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.event_type import EVENT_TYPES, EventType
from event_delivery.destinations.fields import check_remote_folder
from event_delivery.destinations.folder import load_destination, load_destinations, read_time_zone
from event_delivery.destinations.host_key import is_host_key
from event_delivery.destinations.keep_days import read_keep_days
from event_delivery.destinations.quarantined import QuarantinedDestination
from event_delivery.destinations.shape import Shape
from event_delivery.destinations.sharing import AnyDestination

__all__ = [
    "EVENT_TYPES",
    "AnyDestination",
    "Destination",
    "EventType",
    "QuarantinedDestination",
    "Shape",
    "check_remote_folder",
    "find_destination",
    "is_host_key",
    "load_destination",
    "load_destinations",
    "read_destinations",
    "read_keep_days",
    "read_time_zone",
]
