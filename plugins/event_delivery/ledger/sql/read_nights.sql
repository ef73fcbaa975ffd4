select
  recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end, recorded.state, file.rows,
  file.bytes, recorded.delivered_at, recorded.seconds, recorded.attempts,
  case
    when recorded.attempts <= 1 then recorded.delivered_at
    else coalesce(
      (
        select min(ended_at)
        from event_delivery.delivery_attempt as made
        where made.delivery_id = recorded.id and made.error is null
      ),
      recorded.delivered_at
    )
  end as first_delivered_at,
  recorded.first_attempt_at,
  case
    when recorded.attempts <= 1 and recorded.last_error is null then recorded.run_id
    else coalesce(
      (
        select made.run_id
        from event_delivery.delivery_attempt as made
        where made.delivery_id = recorded.id
        order by made.attempt
        limit 1
      ),
      recorded.run_id
    )
  end as first_run_id,
  split_part(recorded.last_error, e'\n', 1) as last_error
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file
  on file.delivery_id = recorded.id and file.number = recorded.current_file
where
  recorded.kind = 'nightly'
  and recorded.destination = any(%(destinations)s)
  and recorded.interval_start >= %(since)s
  and recorded.interval_start < %(until)s
order by recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end
