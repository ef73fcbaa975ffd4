"""How does a client leave: nothing more is sent, what is personal goes, the proof stays?

`leaving`   what would be done, and why not yet
`inquiry`   which files, DAGs, keys and Connections are the destination's alone
`departure`  they leave, one after another

`python -m event_delivery.offboard acme` says what it would do, and asks.
"""
