with latest as (
  select noted.version, noted.columns
  from event_delivery.file_schema as noted
  where noted.destination = %(destination)s and noted.event = %(event)s
  order by noted.version desc
  limit 1
),
added as (
  insert into event_delivery.file_schema (destination, event, version, columns)
  select %(destination)s, %(event)s, coalesce((select latest.version from latest), 0) + 1, %(columns)s::jsonb
  where not exists (select 1 from latest where latest.columns = %(columns)s::jsonb)
  on conflict do nothing
  returning version
)
select version
from added
union all
select version
from latest
order by version desc
limit 1
