select exists (
  select
  from event_delivery.delivery_record as recorded
  left join event_delivery.delivery_file as file on file.delivery_id = recorded.id
  where
    recorded.destination = %(destination)s
    and recorded.event = %(event)s
    and recorded.interval_start = %(interval_start)s
    and recorded.interval_end = %(interval_end)s
    and recorded.kind = %(kind)s
    and (
      (recorded.delivered_at is not null and recorded.state <> 'skipped')
      or recorded.state = 'unconfirmed'
      or file.delivered_sha256 is not null
      or file.remote_path is not null  -- a try began to send it; later ones made forgotten how far it came
    )
)
