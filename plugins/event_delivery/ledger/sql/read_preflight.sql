select looked.looked_at, looked.destinations, found.destination, found.kind, found.told, found.advice
from event_delivery.preflight as looked
left join event_delivery.preflight_finding as found on true
order by found.number
