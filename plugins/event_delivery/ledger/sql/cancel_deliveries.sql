insert into event_delivery.delivery_record as recorded (
  destination, event, interval_start, interval_end, kind, state, last_error, permanent, dag_id, run_id, failed_at
)
select
  %(destination)s, event, %(interval_start)s, %(interval_end)s, %(kind)s, 'cancelled', %(error)s, true,
  %(dag_id)s, %(run_id)s, now()
from unnest(%(events)s::text[]) as event
on conflict (destination, event, interval_start, interval_end, kind) do update
set
  failed_at = now(),
  state = case
    when recorded.state = 'unconfirmed' then recorded.state
    when recorded.delivered_at is not null then 'delivered'
    else 'cancelled'
  end,
  last_error = case when recorded.state = 'unconfirmed' then recorded.last_error else excluded.last_error end,
  permanent = true,
  held_sha256 = null
where recorded.state not in ('delivered', 'skipped')
