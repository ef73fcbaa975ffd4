select id, incident_id, ending, recipient, made_at, tries, state, sent_at, last_error
from event_delivery.incident_message
where incident_id = any(%(incident_ids)s)
order by id
