delete from event_delivery.host_lease
where name = %(name)s and token = %(token)s
