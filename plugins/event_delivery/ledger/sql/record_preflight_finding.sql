insert into event_delivery.preflight_finding (number, destination, kind, told, advice)
values (%(number)s, %(destination)s, %(kind)s, %(told)s, %(advice)s)
