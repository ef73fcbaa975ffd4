select
  recorded.destination, recorded.event, recorded.kind, recorded.interval_start, recorded.interval_end,
  file.file_name, file.remote_path, file.delivered_rows, file.delivered_id_digest, file.delivered_sha256,
  file.delivered_recipe ->> 'format' as format, coalesce(file.delivered_recipe ->> 'company_id', '') as company_id,
  file.delivered_at,
  coalesce(tried.arrived_at, file.delivered_at) as arrived_at, coalesce(tried.is_settled, true) as is_settled,
  file.delivered_recipe ->> 'copy' as recipe, coalesce(file.delivered_recipe ->> 'shape', '') as shape,
  file.delivered_recipe ->> 'plain_sha256' as plain_sha256
from event_delivery.delivery_record as recorded
cross join lateral (
  select *
  from event_delivery.delivery_file as made
  where
    made.delivery_id = recorded.id
    and made.delivered_at is not null
    and (made.state <> 'skipped' or recorded.state = 'skipped')
  order by made.delivered_at desc
  limit 1
) as file
cross join lateral (
  select coalesce(max(made.attempt), 0) as last  -- an adopted file came before the attempt that found it
  from event_delivery.delivery_attempt as made
  where made.delivery_id = recorded.id and made.ended_at is not null and made.error is null
) as delivering
cross join lateral (
  select
    max(coalesce(made.ended_at, made.started_at))
      filter (where made.started_at <= file.delivered_at and (made.bytes_sent > 0 or made.ended_at is null)) as arrived_at,
    not bool_or(
      made.started_at > file.delivered_at
      and (made.bytes_sent > 0 or made.ended_at is null)
      and made.attempt > delivering.last
    ) as is_settled
  from event_delivery.delivery_attempt as made
  where made.delivery_id = recorded.id
) as tried
where
  recorded.kind <> 'test'
  and recorded.destination = %(destination)s
  and recorded.interval_start >= %(since)s
  and recorded.interval_start < %(until)s
order by recorded.event, recorded.interval_start, recorded.interval_end, file.delivered_at
