select report
from event_delivery.reconciliation
where destination = %(destination)s and id = %(id)s
