select file.file_name, file.remote_path, file.rows, file.bytes, file.sha256, recorded.run_id
from event_delivery.delivery_record as recorded
join event_delivery.delivery_file as file on file.delivery_id = recorded.id and file.number = recorded.current_file
where
  recorded.destination = %(destination)s
  and recorded.event = %(event)s
  and recorded.interval_start = %(interval_start)s
  and recorded.interval_end = %(interval_end)s
  and recorded.kind = %(kind)s
  and recorded.state = 'delivered'
