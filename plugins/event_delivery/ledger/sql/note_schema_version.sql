with fitting as (
  select noted.version, noted.types
  from event_delivery.file_schema as noted
  where
    noted.destination = %(destination)s
    and noted.event = %(event)s
    and noted.columns = %(columns)s::jsonb
    and (noted.types is null or %(types)s::jsonb is null or noted.types = %(types)s::jsonb)
  order by noted.types is null, noted.version desc
  limit 1
),
told as (
  update event_delivery.file_schema as noted
  set types = %(types)s::jsonb
  from fitting
  where
    noted.destination = %(destination)s
    and noted.event = %(event)s
    and noted.version = fitting.version
    and fitting.types is null
    and %(types)s::jsonb is not null
),
added as (
  insert into event_delivery.file_schema (destination, event, version, columns, types)
  select %(destination)s, %(event)s, coalesce(max(noted.version), 0) + 1, %(columns)s::jsonb, %(types)s::jsonb
  from event_delivery.file_schema as noted
  where noted.destination = %(destination)s and noted.event = %(event)s
  having not exists (select 1 from fitting)
  returning version
)
select version
from added
union all
select version
from fitting
