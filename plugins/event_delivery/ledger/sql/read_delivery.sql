select
  recorded.state, recorded.last_error, file.sha256, file.server, file.remote_path, file.step,
  file.temporary_path, recorded.delivered_at is not null and recorded.state <> 'skipped' as delivered_before,
  exists (
    select
    from event_delivery.delivery_attempt as made
    where made.delivery_id = recorded.id and made.run_id = %(run_id)s
  ) as tried_by_run,
  exists (
    select
    from event_delivery.delivery_attempt as made
    where
      made.delivery_id = recorded.id
      and made.run_id = %(run_id)s
      and coalesce(made.try_number, %(first_try)s) >= %(first_try)s
  ) as tried_since_clear,
  exists (
    select
    from event_delivery.delivery_attempt as made
    where
      made.delivery_id = recorded.id
      and made.ended_at is not null
      and made.error is null
      and not (made.run_id = %(run_id)s and coalesce(made.try_number, %(first_try)s) >= %(first_try)s)
  ) as delivered_by_another
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file on file.delivery_id = recorded.id and file.number = %(number)s
where
  recorded.destination = %(destination)s
  and recorded.event = %(event)s
  and recorded.interval_start = %(interval_start)s
  and recorded.interval_end = %(interval_end)s
  and recorded.kind = %(kind)s
