select id, profiles, attempts, reasons
from (
  select
    recorded.id,
    (recorded.profile is not null)::integer as profiles,
    (
      select count(*)
      from event_delivery.needless_attempt as needless
      where needless.delivery_id = recorded.id
    ) as attempts,
    (recorded.last_error is not null and recorded.last_error <> %(forgotten)s)::integer + (
      select count(*)
      from event_delivery.delivery_attempt as made
      where made.delivery_id = recorded.id and made.error <> %(forgotten)s
    ) as reasons
  from event_delivery.delivery_record as recorded
  where
    recorded.id > %(after)s
    and recorded.id <= %(last)s
    and recorded.state in ('delivered', 'failed', 'cancelled', 'held', 'skipped')
    and coalesce(greatest(recorded.first_attempt_at, recorded.delivered_at, recorded.failed_at), recorded.interval_end)
    < now() - %(days)s * interval '1 day'
    and not exists (
      select
      from event_delivery.delivery_attempt as made
      where made.delivery_id = recorded.id and made.started_at >= now() - %(days)s * interval '1 day'
    )
) as outdated
where profiles + attempts + reasons > 0
order by id
