"""How does one attempt deliver a file, whole and once?"""

from event_delivery.upload.attempt import DeliveredFile, UploadRun, deliver_file, describe_reason

__all__ = ["DeliveredFile", "UploadRun", "deliver_file", "describe_reason"]
