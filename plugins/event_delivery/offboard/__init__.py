"""How does a client leave: nothing more is sent, what is personal or secret goes, the proof stays?

`dags`       both are stopped
`yaml_file`  the destination's file is set aside
`leaving`    what is the destination's alone, and would go
`departure`  it goes, one thing after another

`python -m event_delivery.offboard acme` says what it would do, and asks.
"""
