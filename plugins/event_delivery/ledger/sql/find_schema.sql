select
  exists (select from pg_class where relnamespace = space.oid and relname = 'delivery') as has_deliveries,
  exists (select from pg_class where relnamespace = space.oid and relname = 'schema_version') as is_numbered
from (select to_regnamespace('event_delivery')::oid as oid) as space
