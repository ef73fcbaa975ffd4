select name, rehearsal, system_identifier, database_oid, claimed_at
from event_delivery.instance
