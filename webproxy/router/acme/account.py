"""Our account at an authority: a key, and the address that the authority knows it by.

Rule of this file: what of it is kept, as JSON, and how it is read again. The key is on disk before the authority is
told of it, so that an account is never made twice (RFC 8555 §7.3.1: the same key gives the same account).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from webproxy.router.acme.request import UnfitError, new_key, private_key

if TYPE_CHECKING:
    from webproxy.router.acme.settings import AcmeSettings

KIND = ".account"


@dataclass(frozen=True, slots=True)
class Account:
    """An account.

    :param key: signs what we ask; PEM.
    :param url: where the authority keeps it; empty until it does.
    :param directory: of which authority.
    :param email: what it was told of where to write to.
    :param eab_kid: which other account it was told that ours belongs to.
    """

    key: str
    url: str
    directory: str
    email: str
    eab_kid: str

    def __repr__(self) -> str:
        return f"Account({self.url or 'not made yet'})"

    def written(self) -> bytes:
        """Write it as JSON."""
        return json.dumps(asdict(self)).encode()


def file_of(directory: str) -> str:
    """Give the name under which an authority's account is kept."""
    return hashlib.sha256(directory.encode()).hexdigest()[:16]


def new(settings: AcmeSettings) -> Account:
    """Make a key for an account that is to be."""
    return Account(new_key(), "", settings.directory, settings.email, settings.eab_kid)


def read(data: bytes) -> Account:
    """Read one.

    :raises ValueError: it is none.
    """
    said = json.loads(data)
    texts = [said.get(field.name) if isinstance(said, dict) else None for field in fields(Account)]
    key, url, directory, email, eab_kid = (text if isinstance(text, str) else None for text in texts)
    if key is None or url is None or directory is None or email is None or eab_kid is None:
        raise ValueError("something is missing")
    try:
        private_key(key)
    except UnfitError as error:
        raise ValueError(str(error)) from error
    return Account(key, url, directory, email, eab_kid)
