update event_delivery.delivery_file as file
set state = case when file.state = 'unconfirmed' then file.state else %(state)s end
from event_delivery.delivery_record as recorded
where
  file.id = %(file_id)s
  and recorded.id = file.delivery_id
  and recorded.attempts = %(attempt)s
