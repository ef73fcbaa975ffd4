select count(*)
from event_delivery.delivery_record as earlier
inner join event_delivery.delivery_record as recorded
  on earlier.destination = recorded.destination and earlier.event = recorded.event
where recorded.id = %(delivery_id)s and earlier.id <= recorded.id and earlier.kind <> 'test'
