insert into event_delivery.delivery_record as recorded (
  destination, event, interval_start, interval_end, kind, state, last_error, permanent, dag_id, run_id, failed_at
)
select
  %(destination)s, event, %(interval_start)s, %(interval_end)s, %(kind)s, 'failed', %(error)s, false,
  %(dag_id)s, %(run_id)s, now()
from unnest(%(events)s::text[]) as event
on conflict (destination, event, interval_start, interval_end, kind) do update
set
  failed_at = now(),
  state = 'failed',
  last_error = case
    when recorded.state = 'uploading' then excluded.last_error
    else coalesce(recorded.last_error, excluded.last_error)
  end
where recorded.run_id = excluded.run_id and recorded.state in ('uploading', 'failed')
