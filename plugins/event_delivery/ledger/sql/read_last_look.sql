select greatest(max(last_seen_at), max(closed_at)) from event_delivery.incident
