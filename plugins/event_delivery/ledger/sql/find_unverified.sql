select
  file.id, recorded.event, recorded.interval_start, recorded.interval_end, file.file_name, file.remote_path, file.server,
  file.bytes, file.sha256, file.delivered_at,
  (
    select jsonb_agg(jsonb_build_array(piece.remote_path, piece.bytes, piece.sha256) order by piece.part nulls last)
    from event_delivery.delivery_companion as piece
    where
      piece.delivery_id = recorded.id
      and piece.file_name = file.file_name
      and piece.beside = file.sha256
      and piece.server = file.server
      and piece.remote_path = regexp_replace(file.remote_path, '[^/]*$', '') || piece.name
      and piece.step = 'delivered'
      and piece.bytes is not null
  ) as pieces
from event_delivery.delivery_record as recorded
join event_delivery.delivery_file as file on file.delivery_id = recorded.id
where
  recorded.destination = %(destination)s
  and recorded.kind <> 'test'
  and file.state = 'delivered'
  and file.sha256 = file.delivered_sha256
  and file.bytes is not null
  and file.remote_path is not null
  and file.delivered_at > %(since)s
  and file.delivered_at <= %(until)s
  and not exists (
    select
    from event_delivery.verification as verified
    where verified.file_id = file.id and verified.delivered_at = file.delivered_at
  )
  and not exists (
    select
    from event_delivery.failed_look as failed
    where
      failed.connection = %(connection)s
      and failed.failed_at > %(failed_since)s
      and not exists (
        select
        from event_delivery.delivery_record as later
        where later.destination = recorded.destination and later.delivered_at > failed.failed_at
      )
  )
order by file.delivered_at, file.id
