select recorded.interval_start, recorded.interval_end, file.file_name
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file
  on file.delivery_id = recorded.id and file.number = recorded.current_file
where
  %(kind)s = 'nightly'
  and recorded.kind = 'nightly'
  and recorded.destination = %(destination)s
  and recorded.event = %(event)s
  and recorded.interval_start < %(interval_end)s
  and recorded.interval_end > %(interval_start)s
  and (recorded.interval_start, recorded.interval_end) <> (%(interval_start)s, %(interval_end)s)
  and (
    recorded.delivered_at is not null
    or recorded.state in ('uploading', 'unconfirmed')
    or file.step in ('renaming', 'taken', 'delivered')
    or (file.step = 'closing' and file.temporary_path = file.remote_path)
  )
order by recorded.interval_start
