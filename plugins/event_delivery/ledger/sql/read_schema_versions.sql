select version, since, columns, coalesce(types, '[]'::jsonb) as types
from event_delivery.file_schema
where destination = %(destination)s and event = %(event)s
order by version
