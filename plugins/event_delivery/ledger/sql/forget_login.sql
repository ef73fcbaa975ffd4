delete from event_delivery.login
where connection = %(connection)s
