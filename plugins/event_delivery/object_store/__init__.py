"""How do we reach an object store that an Airflow Connection describes, and say plainly what went wrong there?

`address`   what a URL says: protocol, Connection, bucket and prefix
`answers`   nothing is waited for without an end
`failures`  what a store's refusal means, and what to do
`stored`    what it tells of an object
`whole_file`  the same in a folder
`bucket`    whole objects in, blocks out
`opening`   by Airflow's own file systems
"""

from event_delivery.object_store.address import StoreAddress, is_url, parse_address
from event_delivery.object_store.bucket import Bucket
from event_delivery.object_store.opening import open_bucket
from event_delivery.object_store.stored import Stored

__all__ = ["Bucket", "StoreAddress", "Stored", "is_url", "open_bucket", "parse_address"]
