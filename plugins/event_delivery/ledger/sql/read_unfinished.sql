select
  recorded.destination, recorded.event, recorded.kind, recorded.interval_start, recorded.interval_end, recorded.state,
  coalesce(recorded.permanent, false), split_part(recorded.last_error, e'\n', 1),
  greatest(recorded.failed_at, made.started_at, made.ended_at), made.tries
from event_delivery.delivery_record as recorded
cross join lateral (
  select max(started_at) as started_at, max(ended_at) as ended_at, count(*) as tries
  from event_delivery.delivery_attempt as attempt
  where attempt.delivery_id = recorded.id and attempt.run_id is not distinct from recorded.run_id
) as made
where
  recorded.destination = any(%(destinations)s)
  and recorded.delivered_at is null
  and recorded.state in ('uploading', 'failed', 'unconfirmed', 'held')
  and recorded.interval_start >= %(since)s
  and (
    recorded.kind = 'nightly'
    or (
      recorded.kind = 'test'
      and not exists (
        select
        from event_delivery.delivery_record as later
        where
          later.destination = recorded.destination
          and later.kind = 'test'
          and later.interval_start > recorded.interval_start
      )
    )
  )
order by recorded.destination, recorded.interval_start, recorded.event
