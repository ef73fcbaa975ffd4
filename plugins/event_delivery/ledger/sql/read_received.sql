select
  recorded.destination, recorded.event, recorded.kind, recorded.interval_start, recorded.interval_end,
  file.file_name, file.remote_path, file.delivered_rows, file.delivered_id_digest, file.delivered_sha256,
  file.delivered_recipe ->> 'format' as format, file.delivered_at
from event_delivery.delivery_record as recorded
cross join lateral (
  select *
  from event_delivery.delivery_file as made
  where made.delivery_id = recorded.id and made.delivered_at is not null
  order by made.delivered_at desc
  limit 1
) as file
where
  recorded.kind <> 'test'
  and recorded.destination = %(destination)s
  and recorded.interval_start >= %(since)s
  and recorded.interval_start < %(until)s
order by recorded.event, recorded.interval_start, recorded.interval_end, file.delivered_at
