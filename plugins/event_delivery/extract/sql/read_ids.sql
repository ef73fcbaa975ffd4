copy (
  select to_json({id})::text
  from {events} as event
) to stdout (format csv, quote e'\x01', delimiter e'\x02')
