insert into event_delivery.incident_message (incident_id, ending, recipient, made_at, not_before, state, sent_at)
values (
  %(incident_id)s, 'opened', %(recipient)s, %(made_at)s, %(not_before)s,
  case when %(sent_at)s::timestamptz is null then 'to be sent' else 'sent' end, %(sent_at)s
)
on conflict (incident_id, ending, recipient) do nothing
