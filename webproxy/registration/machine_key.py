"""The key by which the router knows this machine again: made at the first start, and kept.

Rule of this file: one Ed25519 key (RFC 8032) for all instances of a state folder, readable by its owner alone, and
never half written: two instances that start for the first time at the same moment agree on one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from webproxy.errors import StartError
from webproxy.registration.words import encoded

if TYPE_CHECKING:
    from pathlib import Path

NAME = "machine.key"

_LARGEST = 65536


class MachineKey:
    """This machine's key.

    :ivar public: the machine's identity, as the protocol writes it.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = encoded(private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<MachineKey {self.public}>"

    def sign(self, what: bytes) -> str:
        """Sign bytes; gives the signature as the protocol writes it."""
        return encoded(self._private.sign(what))


def machine_key(folder: Path) -> MachineKey:
    """Give this machine's key; make it if there is none yet.

    :param folder: where it is kept; made if it is not there.
    :raises StartError: it cannot be read or made, or is no such key, or others can read it.
    """
    path = folder / NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        right = "give a folder that this user may write, in the variable STATE_DIRECTORY"
        raise StartError(f"the machine's key cannot be kept in {folder}: {error.strerror or error}", right) from error


def _read(path: Path) -> MachineKey:
    """Read the key."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode & 0o777
        data = file.read(_LARGEST)
    if mode & 0o077:
        raise StartError(f"others may read the machine's key {path}", f"chmod 600 {path}")
    try:
        private = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        right = "bring back the file; without it, this machine is another one to the router, and gets another name"
        raise StartError(f"{path} holds no Ed25519 key", right)
    return MachineKey(private)


def _make(path: Path) -> None:
    """Make a key under a name of its own and link it: that succeeds once, and whoever comes second takes that one."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            file.write(pem)
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
