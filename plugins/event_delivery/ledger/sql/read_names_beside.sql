select file.file_name
from event_delivery.delivery_record as recorded
inner join event_delivery.delivery_file as file on file.delivery_id = recorded.id
where
  recorded.destination = %(destination)s
  and starts_with(file.file_name, %(stem)s)
  and not (
    recorded.event = %(event)s
    and recorded.interval_start = %(interval_start)s
    and recorded.interval_end = %(interval_end)s
    and recorded.kind = %(kind)s
  )
