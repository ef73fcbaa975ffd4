select
  recorded.event, recorded.kind, recorded.interval_start, recorded.interval_end, recorded.state,
  recorded.delivered_at, sent.file_name, sent.sha256, sent.delivered, sent.closed, tried.started, tried.ended,
  greatest(recorded.first_attempt_at, recorded.delivered_at, recorded.failed_at, tried.last_at) as last_at,
  tried.last_run, tried.last_try, recorded.sent_again_at
from event_delivery.delivery_record as recorded
cross join lateral (
  select
    max(made.file_name) filter (where made.number = recorded.current_file) as file_name,
    max(made.sha256) filter (where made.number = recorded.current_file) as sha256,
    coalesce(array_agg(made.delivered_sha256) filter (where made.delivered_sha256 is not null), '{}') as delivered,
    coalesce(
      array_agg(made.sha256) filter (where made.step in ('closing', 'renaming', 'taken', 'delivered')), '{}'
    ) as closed
  from event_delivery.delivery_file as made
  where made.delivery_id = recorded.id
) as sent
cross join lateral (
  select
    coalesce(
      array_agg(made.started_at order by made.id)
        filter (where made.ended_at is not null or made.attempt < recorded.attempts), '{}'
    ) as started,
    coalesce(
      array_agg(coalesce(made.ended_at, made.started_at + make_interval(secs => %(longest)s)) order by made.id)
        filter (where made.ended_at is not null or made.attempt < recorded.attempts), '{}'
    ) as ended,
    max(made.started_at) as last_at,
    (array_agg(made.run_id order by made.id desc))[1] as last_run,
    (array_agg(made.try_number order by made.id desc))[1] as last_try
  from event_delivery.delivery_attempt as made
  where made.delivery_id = recorded.id
) as tried
where
  recorded.destination = %(destination)s
  and recorded.kind <> 'test'
  and recorded.interval_start >= %(since)s
  and recorded.interval_start <= %(until)s
order by recorded.event, recorded.interval_start, recorded.interval_end, recorded.kind
