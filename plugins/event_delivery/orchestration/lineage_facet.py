"""What does OpenLineage learn of a file's content? Imported only where its provider is installed."""

from attrs import define
from openlineage.client.generated.base import RunFacet


@define
class EventDeliveryRunFacet(RunFacet):
    """Of one delivery: how many events and bytes, its sha256, its kind, its data interval in UTC."""

    rows: int
    bytes: int
    sha256: str
    kind: str
    interval_start: str
    interval_end: str
