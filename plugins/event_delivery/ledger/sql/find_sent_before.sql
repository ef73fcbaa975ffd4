select recorded.destination, file.file_name
from event_delivery.delivery_record as recorded
join event_delivery.delivery_file as file on file.delivery_id = recorded.id and file.number = recorded.current_file
where
  recorded.destination = any(%(others)s)
  and recorded.kind = 'nightly'
  and recorded.event = %(event)s
  and recorded.interval_start < %(interval_end)s
  and recorded.interval_end > %(interval_start)s
  and (
    (recorded.delivered_at is not null and recorded.state <> 'skipped')
    or recorded.state in ('uploading', 'unconfirmed')
    or file.step in ('renaming', 'taken', 'delivered')
    or (file.step = 'closing' and file.temporary_path = file.remote_path)
  )
  and file.recipe ->> 'company_id' = %(company_id)s
order by recorded.interval_start
