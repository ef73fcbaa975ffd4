"""Which shape has each answer? The scripts' types are made from these (`python -m tools.page.declarations`).

`overview`     every delivery of many destinations
`delivery`     one delivery
`destination`  one destination
`reconciliation`  what was found for a period
`action`       what was started
`preview`      how a file begins
`boarding`     a client that is taken on board
`incident`     what is wrong, and who was told
`preflight`    what would fail tonight
`security`     what is less safe than it could be
"""
