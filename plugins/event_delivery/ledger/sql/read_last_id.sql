select coalesce(max(id), 0)
from event_delivery.delivery_record
