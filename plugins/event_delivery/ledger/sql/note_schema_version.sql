with known as (
  select noted.version, noted.columns
  from event_delivery.file_schema as noted
  where noted.destination = %(destination)s and noted.event = %(event)s
),
added as (
  insert into event_delivery.file_schema (destination, event, version, columns)
  select %(destination)s, %(event)s, coalesce((select max(known.version) from known), 0) + 1, %(columns)s::jsonb
  where not exists (select 1 from known where known.columns = %(columns)s::jsonb)
  returning version
)
select version
from added
union all
select version
from known
where columns = %(columns)s::jsonb
order by version desc
limit 1
