update event_delivery.incident_message as message
set
  state = case when %(for_good)s then 'failed' else 'to be sent' end,
  last_error = %(error)s,
  not_before = %(not_before)s
from event_delivery.incident_message as failed
where
  failed.id = %(id)s
  and message.incident_id = failed.incident_id
  and message.recipient = failed.recipient
  and (message.id = failed.id or (%(for_good)s and message.ending = 'closed' and message.state = 'to be sent'))
