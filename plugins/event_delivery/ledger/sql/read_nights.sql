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
  split_part(recorded.last_error, e'\n', 1) as last_error,
  compared.compared_at, compared.late, compared.deleted, added.arrivals
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file
  on file.delivery_id = recorded.id and file.number = recorded.current_file
left join event_delivery.comparison as compared
  on compared.destination = recorded.destination
  and compared.event = recorded.event
  and compared.interval_start = recorded.interval_start
  and compared.interval_end = recorded.interval_end
  and compared.differs
left join (
  select supplement.destination, supplement.event, supplement.interval_start, supplement.interval_end,
    array_agg(supplement.delivered_at) as arrivals
  from event_delivery.delivery_record as supplement
  where
    supplement.kind like 'supplement-%%'
    and supplement.delivered_at is not null
    and supplement.destination = any(%(destinations)s)
    and supplement.interval_start >= %(since)s
    and supplement.interval_start < %(until)s
  group by supplement.destination, supplement.event, supplement.interval_start, supplement.interval_end
) as added
  on added.destination = recorded.destination
  and added.event = recorded.event
  and added.interval_start = recorded.interval_start
  and added.interval_end = recorded.interval_end
where
  recorded.kind = 'nightly'
  and recorded.destination = any(%(destinations)s)
  and recorded.interval_start >= %(since)s
  and recorded.interval_start < %(until)s
order by recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end
