insert into event_delivery.preflight_destination (destination, server)
select destination, server
from unnest(%(names)s::text[], %(servers)s::text[]) as looked (destination, server)
