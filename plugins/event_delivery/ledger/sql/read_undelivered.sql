select
  recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end, recorded.state,
  recorded.run_id,
  recorded.state in ('uploading', 'unconfirmed')
  or coalesce(file.step in ('renaming', 'taken', 'delivered'), false)
  or coalesce(file.step = 'closing' and file.temporary_path = file.remote_path, false) as may_have_arrived,
  recorded.state not in ('failed', 'cancelled', 'uploading')
  or (
    recorded.state = 'uploading'
    and exists (
      select
      from event_delivery.delivery_attempt as made
      where made.delivery_id = recorded.id and made.started_at >= %(under_way_since)s
    )
  ) as is_open
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file
  on file.delivery_id = recorded.id and file.number = recorded.current_file
where
  recorded.kind = 'nightly'
  and recorded.destination = any(%(destinations)s)
  and recorded.delivered_at is null
order by recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end
