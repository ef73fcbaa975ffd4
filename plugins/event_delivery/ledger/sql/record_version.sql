insert into event_delivery.schema_version (version, name)
values (%(version)s, %(name)s)
