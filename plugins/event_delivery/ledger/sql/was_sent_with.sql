select exists (
  select
  from event_delivery.delivery_record as recorded
  inner join event_delivery.delivery_file as file
    on file.delivery_id = recorded.id and file.number = recorded.current_file
  where
    recorded.destination = %(destination)s
    and recorded.event = %(event)s
    and recorded.interval_start = %(interval_start)s
    and recorded.interval_end = %(interval_end)s
    and recorded.kind = %(kind)s
    and recorded.attempts > 0
    and file.sha256 = %(sha256)s
)
