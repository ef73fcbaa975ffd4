select file.number, file.file_name, file.number = recorded.current_file as is_current,
  recorded.state = 'unconfirmed' as is_unconfirmed
from event_delivery.delivery_record as recorded
join event_delivery.delivery_file as file on file.delivery_id = recorded.id
where
  recorded.destination = %(destination)s
  and recorded.event = %(event)s
  and recorded.interval_start = %(interval_start)s
  and recorded.interval_end = %(interval_end)s
  and recorded.kind = %(kind)s
order by file.number
