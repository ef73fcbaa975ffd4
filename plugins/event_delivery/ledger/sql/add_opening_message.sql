insert into event_delivery.incident_message as message (incident_id, ending, recipient, made_at, not_before, state, sent_at)
values (
  %(incident_id)s, 'opened', %(recipient)s, %(made_at)s, %(not_before)s,
  case when %(sent_at)s::timestamptz is null then 'to be sent' else 'sent' end, %(sent_at)s
)
on conflict (incident_id, ending, recipient) do update
set not_before = least(message.not_before, excluded.not_before)
where message.state = 'to be sent' and message.tries = 0
