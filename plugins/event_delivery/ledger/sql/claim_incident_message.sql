update event_delivery.incident_message as claimed
set state = 'sending', claimed_at = %(now)s, tries = claimed.tries + 1
where
  claimed.id = (
    select message.id
    from event_delivery.incident_message as message
    join event_delivery.incident as incident on incident.id = message.incident_id
    where
      (message.state = 'to be sent' or (message.state = 'sending' and message.claimed_at < %(abandoned)s))
      and message.tries < %(most_tries)s
      and message.not_before <= %(now)s
      and (incident.closed_at is not null or incident.snoozed_until is null or incident.snoozed_until <= %(now)s)
      and (
        message.ending = 'opened'
        or exists (
          select
          from event_delivery.incident_message as opening
          where
            opening.incident_id = message.incident_id
            and opening.recipient = message.recipient
            and opening.ending = 'opened'
            and opening.state = 'sent'
        )
      )
    order by message.tries, message.id
    for update of message skip locked
    limit 1
  )
returning claimed.id, claimed.incident_id, claimed.ending, claimed.recipient, claimed.made_at, claimed.tries
