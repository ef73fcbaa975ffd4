select
  recorded.id, recorded.destination, recorded.event, recorded.kind, recorded.interval_start, recorded.interval_end,
  recorded.state, file.file_name, file.remote_path, file.rows, file.bytes, file.sha256, recorded.attempts,
  recorded.first_attempt_at, recorded.delivered_at, recorded.seconds, recorded.last_error, recorded.permanent,
  recorded.profile, recorded.dag_id, recorded.run_id, replaced.file_name as replaces,
  coalesce((file.recipe ->> 'exact')::boolean, false) as exact, recorded.unready, recorded.unusual,
  recorded.held_sha256
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file
  on file.delivery_id = recorded.id and file.number = recorded.current_file
left join event_delivery.delivery_file as replaced
  on replaced.delivery_id = recorded.id and replaced.number = file.replaces
where
  recorded.destination = %(destination)s
  and recorded.event = %(event)s
  and recorded.kind = %(kind)s
  and recorded.interval_start >= %(since)s
  and recorded.interval_start < %(until)s
  and recorded.interval_end = coalesce(%(interval_end)s::timestamptz, recorded.interval_end)
order by recorded.interval_start desc
limit 1
