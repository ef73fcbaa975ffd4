"""Was every event of the source delivered, once, and what is done where not?

`delivered`   which files of an interval count, and which did a redelivery replace?
`id_sets`     which ids stand in one set and not in the other, in constant memory?
`scratch`     where sets are compared that are too large for memory
`comparison`  one interval: what the source holds against what the client has
`forgotten`   what does a client have that a restored ledger knows nothing of?
`restored`    all of that, of every destination
`numbering`   may a supplement of this number be made?
`beside`      beside which files is it made?
`supplement`  which events does a further file of a night hold?
`handling`    what is done about late events, as the destination says?
`due`         which nights of a destination are compared now?
`look_back`   the last days of one destination
`missing_days`  days that were never delivered, and which of them are brought now
`gaps`        which days of an event type no delivery covered
`last_night`  what became of the latest due days, and since when any day lacks
`obstacles`   why a run cannot bring such a day by itself, and what to do
`remedy_run`  which run brings what is lacking, and which of many come first
`missing_answer`  what a command finds and starts; `told`: what is read of that
`airflow_runs`  nightly DAGs and their runs in Airflow's own database, for a command
`reconciliation`  a whole period of one destination
`changed_rows`  which delivered events stand otherwise in the source now?
`row_sets`    that, in constant memory
`reconciled`  what a reconciliation has found
`report`      how that is written down
`report_csv`  the same as CSV, also long after
`recorded_report`  how it gets into the ledger
`kept_ids`    the events of a delivered file that is kept
`asked`       which destination and period a person asks for
"""
