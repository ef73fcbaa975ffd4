select to_regclass('event_delivery.instance') is not null
