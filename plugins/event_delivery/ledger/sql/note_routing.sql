update event_delivery.incident
set routed_as = %(routed_as)s
where id = %(id)s
