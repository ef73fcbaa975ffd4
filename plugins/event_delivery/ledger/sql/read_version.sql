select coalesce(max(version), 0)
from event_delivery.schema_version
