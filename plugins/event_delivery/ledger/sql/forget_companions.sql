delete from event_delivery.delivery_companion
where
  delivery_id = %(delivery_id)s
  and server = %(server)s
  and remote_path = %(folder)s || name
  and (
    name = any(%(names)s)
    or (file_name = %(file_name)s and part is not null and name <> all(%(parts)s))
  )
