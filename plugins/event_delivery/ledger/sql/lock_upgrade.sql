lock table event_delivery.schema_version in exclusive mode
