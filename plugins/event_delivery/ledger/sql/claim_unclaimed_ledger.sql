insert into event_delivery.instance (name, rehearsal, system_identifier, database_oid)
values (%(name)s, %(rehearsal)s, %(system_identifier)s, %(database_oid)s)
on conflict (id) do nothing
