"""Was every event of the source delivered, once, and what is done where not?

`delivered`   which files of an interval count, and which did a redelivery replace?
`id_sets`     which ids stand in one set and not in the other, in constant memory?
`comparison`  one interval: what the source holds against what the client has
`supplement`  which events does a further file of a night hold?
`handling`    what is done about late events, as the destination says?
`due`         which nights of a destination are compared now?
`look_back`   the last days of one destination
`missing_days`  days that were never delivered
`reconciliation`  a whole period of one destination
`report`      how that is written down
`report_csv`  the same as CSV, also long after
`recorded_report`  how it gets into the ledger
`kept_ids`    the ids of a delivered file that is kept
`asked`       which destination and period a person asks for
"""
