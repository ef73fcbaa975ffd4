select companion.step, companion.temporary_path
from event_delivery.delivery_companion as companion
where
  companion.delivery_id = %(delivery_id)s
  and companion.name = %(name)s
  and companion.beside = %(beside)s
  and companion.sha256 = %(sha256)s
  and companion.server = %(server)s
  and companion.remote_path = %(remote_path)s
