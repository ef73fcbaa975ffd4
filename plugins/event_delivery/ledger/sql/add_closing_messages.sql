insert into event_delivery.incident_message (incident_id, ending, recipient, made_at, not_before)
select incident_id, 'closed', recipient, %(made_at)s, greatest(not_before, %(made_at)s)
from event_delivery.incident_message
where
  incident_id = %(incident_id)s
  and ending = 'opened'
  and state <> 'failed'
  and (
    not starts_with(recipient, %(contact)s)
    or (%(wanted)s::text[] is null or recipient = any(%(wanted)s)) and recipient <> all(%(unheard)s::text[])
  )
on conflict (incident_id, ending, recipient) do nothing
