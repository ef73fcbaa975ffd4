"""What is a client asked when a step fails: plainly, politely, without secrets and what is ours alone?"""

from __future__ import annotations

import os
from dataclasses import dataclass

from event_delivery.onboard.stopped import Step, StoppedError
from event_delivery.sftp.refusals import SOURCE_ADDRESSES


@dataclass(frozen=True)
class Known:
    """What may be named to the client; empty where the URL did not tell it."""

    client: str = ""
    address: str = ""
    user: str = ""
    folder: str = ""


_ASKED: dict[Step, str] = {
    "url": "the URL of your SFTP server cannot be used as it is written:\n\n{mistakes}\n\nCould you send it "
    "again? In user and password each special character is written as % and two digits, such as %40 for @ and "
    "%2F for /; letters, digits and - . _ ~ stay as they are. Places are counted from the URL's first character.",
    "host": "the name of your SFTP server, {address}, is not known to us: it does not resolve on the internet. "
    "Could you look at its spelling, and tell us the name or address that can be reached from outside?",
    "connect": "your SFTP server {address} does not answer us. Could you check host and port, and let our "
    "addresses through your firewall? We come from: {sources}.",
    "key": "we want to be sure that the server which answers at {address} is yours, before we log in. Could you "
    "tell us the SHA-256 fingerprint of its host key (ssh-keygen -lf prints it)?\n\n{mistakes}",
    "session": "your SFTP server {address} answers, but no SFTP session comes about. Could you check that SSH "
    "with SFTP listens at this port, that user {user} may use SFTP, and what the server's log says about us?",
    "login": "your SFTP server {address} answers, but does not let us log in as user {user}. Could you check user "
    "and password (or key), that the account is not locked, and that it may use SFTP?",
    "folder": "we can log in to your SFTP server {address} as {user}, but the folder {folder} is not there. Could "
    "you create it, or tell us the right one?",
    "write": "we can log in to your SFTP server {address} as {user}, but cannot write a file in the folder "
    "{folder}. Could you give this user the right to write there, and see that there is room?",
    "rename": "we can write in the folder {folder} of {address} as {user}, but cannot rename the file there. We "
    "write each file under a temporary name and rename it when it is whole. Could you allow that?",
    "size": "we can write in the folder {folder} of {address} as {user}, but do not see the file's right size "
    "afterwards. Could you allow this user to list its own files, or tell us whether a program takes or changes "
    "files at once?",
    "remove": "we can write and rename in the folder {folder} of {address} as {user}, but cannot delete our own "
    "file. Could you give this user that right, and delete what our test left there?\n\n{mistakes}",
}  # fmt: skip


def write_email(stopped: StoppedError, known: Known) -> str | None:
    """Return the client's next e-mail, ready to copy; None where we have to mend something ourselves first."""
    if stopped.step == "ours":
        return None
    template, mistakes = _ASKED[stopped.step], "\n".join(f"- {each}" for each in stopped.asked)
    asked = template.format(
        mistakes=mistakes,
        address=known.address,
        user=known.user,
        folder=known.folder or "of the login",
        sources=os.environ.get(SOURCE_ADDRESSES) or "(our addresses: please fill in)",
    )
    more = f"\n\nWould you also look at this, please:\n{mistakes}" if mistakes not in asked else ""
    return (
        "Subject: Your nightly file: one thing we need from you\n\n"
        f"Dear {known.client or 'client'} team,\n\n{asked.strip()}{more}\n\n"
        "Please send passwords only on the way we agreed on.\n\nThank you, and kind regards"
    )
