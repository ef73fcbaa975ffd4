"""How does one attempt deliver a file, whole and once? Read everything, plan, act, record.

`upload_run`   read: which run uploads, what a person has said to it
`rehearsal`    read: what changes where no client may get anything
`recipient`    read: to which server, by which host key
`collision`    read: does another destination deliver into the same folder?
`host_share`   read: is it its turn, by how many are connected to the host?
`preparation`  read: all that is known before connecting
`transferred`  read: what goes out, and how far earlier attempts came with it
`usual_count`  plan: is the number of events out of line? Pure
`holding`      plan: does the file wait for a person?
`kept`         read: has the client the file already, or may it have?
`line_rate`    plan: compress? does it fit into the time?
`trend`        plan: by how much do files grow? Pure (`forecast`: when do they no longer fit?)
`protocol`     plan: what is transferred, how far it came, how it can end
`plan`         plan: every decision, pure (`decisions`: what there is to decide)
`verdicts`     plan: what came of it, pure
`logins`       record: which key a login went to, with which credentials
`acting`       act: one session, ended at its time limit (`time_limit`)
`mode`         act: under a temporary name, or directly
`resume`       act: what lies there of earlier attempts
`looking_ahead`  act: a size is asked for right behind an action
`abandoned`    act: what they left of a file that the delivery has no more, is removed
`left_whole`   act: what earlier ones left elsewhere, or whole, is remembered
`source`       act: the bytes, from the staging area
`writing`      act: sent and closed, over several channels where it is far
`transfer`     act: all of it: written, renamed, verified
`cleanup`      act: what is removed after a failure
`failures`     record: what is kept of a failure
`recording`    record: delivered, or why not
`beginning`    record: the attempt begins, if it may
`delivered`    what Airflow is told of it
`attempt`      all of it
"""

from event_delivery.upload.attempt import deliver_file
from event_delivery.upload.delivered import DeliveredFile
from event_delivery.upload.holding import HeldError
from event_delivery.upload.host_share import HostBusyError
from event_delivery.upload.protocol import UnconfirmedError
from event_delivery.upload.upload_run import UploadRun

__all__ = ["DeliveredFile", "HeldError", "HostBusyError", "UnconfirmedError", "UploadRun", "deliver_file"]
