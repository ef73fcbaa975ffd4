select %(up_to)s::timestamptz >= %(interval_end)s as is_complete
