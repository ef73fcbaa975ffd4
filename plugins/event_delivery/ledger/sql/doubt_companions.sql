with current as (
  select recorded.id
  from event_delivery.delivery_record as recorded
  where recorded.id = %(delivery_id)s and recorded.attempts = %(attempt)s
),
doubted as (
  update event_delivery.delivery_companion as companion
  set step = 'sending', recorded_at = now()
  from current
  where
    companion.delivery_id = current.id
    and companion.server = %(server)s
    and companion.remote_path = %(folder)s || companion.name
    and (
      companion.name = any(%(names)s)
      or (companion.file_name = %(file_name)s and companion.part is not null and companion.name <> all(%(parts)s))
    )
  returning companion.remote_path, companion.part
)
select null as remote_path, null as part
from current
union all
select doubted.remote_path, doubted.part
from doubted
