"""For whose OpenPGP keys is a file encrypted, and with which of ours is it signed?

`named_key`   where a key lies: an Airflow Connection or Variable, never a file or the YAML
`private_part` is there a private key in a text?
`parts`       of which keys a key is made, and which of them count today
`public_key`  may a file be encrypted for it today?
`signing_key` may a file be signed with it today?
`keys`        all of a destination's
`encrypting`  from file to file, in constant memory

No message holds a key's text or a passphrase: what the library says of an error is never shown.
"""

from event_delivery.openpgp.encrypting import encrypt_file, estimate_encrypted
from event_delivery.openpgp.keys import Keys, check_keys, load_keys

__all__ = ["Keys", "check_keys", "encrypt_file", "estimate_encrypted", "load_keys"]
