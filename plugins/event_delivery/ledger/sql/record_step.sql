update event_delivery.delivery_file as file
set step = %(step)s, server = %(server)s, remote_path = %(remote_path)s, temporary_path = %(temporary_path)s
from event_delivery.delivery_record as recorded
where
  file.id = %(file_id)s
  and recorded.id = file.delivery_id
  and recorded.attempts = %(attempt)s
