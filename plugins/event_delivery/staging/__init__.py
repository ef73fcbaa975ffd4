"""Where do events lie between the tasks, and who may read them for how long?

`folder`       no link is followed, nobody else reads along
`marker`       what makes a folder the staging area
`area`         the folder of each delivery
`private_file`  a file appears whole or not at all
`space`        how large a staged file may grow
`room_left`    how much room is left for others
`staged_file`  written whole or not at all
`scratch_file` on the way to another, without a name
`proven_file`  read to its proof
`parts`        where those of a split file lie in it
`second_name`  what is final already is not copied
`outdated`     what was staged under other names counts no more
`manifests`    what one task tells the next
`columns`      what an event type's events had when the source was last asked
`kept_name`    what a kept file's name says
`kept_ids`     which events one holds that does not tell that
`kept_file`    what is known of one
`keep_limit`   for how many days may an instance keep them?
`archive`      delivered files, kept byte for byte for `keep_days`
`kept_night`   what is kept of a night and its supplements
`outlived`     which files have outlived their days
`removal`      how they leave
`inventory`    which deliveries lie there
`sweep_mark`   when that was looked at last
`expiry`       what has outlived its days leaves

Everything that stages goes through here, so that an object store can take the folder's place.
"""

from event_delivery.staging.archive import find_kept, keep_delivered, read_kept
from event_delivery.staging.area import staging_folder, staging_root
from event_delivery.staging.columns import Column, keep_columns, read_kept_columns
from event_delivery.staging.expiry import expire_staged, expire_staged_hourly
from event_delivery.staging.fetching import fetch_staged
from event_delivery.staging.gone import StagedGoneError
from event_delivery.staging.inventory import DeliveryFolder, walk_deliveries, walk_kept
from event_delivery.staging.kept_file import KeptFile, list_kept
from event_delivery.staging.kept_ids import read_kept_ids, store_ids
from event_delivery.staging.kept_night import find_kept_of_night
from event_delivery.staging.manifests import check_staged, read_manifest, write_manifest
from event_delivery.staging.outlived import Outlived
from event_delivery.staging.parts import Part, list_parts
from event_delivery.staging.proven_file import BLOCK_BYTES, discard_staged, open_staged, read_staged
from event_delivery.staging.scratch_file import ScratchFile, open_scratch
from event_delivery.staging.second_name import name_again
from event_delivery.staging.staged_file import Manifest, StagedFile, stage_file
from event_delivery.staging.store import IDS_NAME

__all__ = [
    "BLOCK_BYTES",
    "IDS_NAME",
    "Column",
    "DeliveryFolder",
    "KeptFile",
    "Manifest",
    "Outlived",
    "Part",
    "ScratchFile",
    "StagedFile",
    "StagedGoneError",
    "check_staged",
    "discard_staged",
    "expire_staged",
    "expire_staged_hourly",
    "fetch_staged",
    "find_kept",
    "find_kept_of_night",
    "keep_columns",
    "keep_delivered",
    "list_kept",
    "list_parts",
    "name_again",
    "open_scratch",
    "open_staged",
    "read_kept",
    "read_kept_columns",
    "read_kept_ids",
    "read_manifest",
    "read_staged",
    "stage_file",
    "staging_folder",
    "staging_root",
    "store_ids",
    "walk_deliveries",
    "walk_kept",
    "write_manifest",
]
